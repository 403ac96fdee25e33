// `loops` of policy.yaml: which fields the thermostat may propose to change, and with which key the sentinel may pause at once.
import { nearestName } from '../kinds/fields.ts';
import type { LoopsPolicy } from '../types.ts';
import { fieldsMatched, type PolicyContext } from './read-limits.ts';
import { readList, readMap, readText, readTextAt } from './read-node.ts';
import { quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

/** The reference's two knobs, and no key. */
export const defaultLoops: LoopsPolicy = {
  thermostat: { fields: ['EngineTargets.wideningAlpha', 'EngineTargets.thompsonPrior'] },
  sentinel: { pauseSigner: null },
};

export type LoopsContext = PolicyContext & { signers: readonly string[] };

/** SIDE EFFECTS: adds to the reading's findings. */
export function readLoops(reading: Reading, node: YamlNode, context: LoopsContext): LoopsPolicy {
  const fields = readMap(reading, node, { what: 'loops', required: [], optional: ['thermostat', 'sentinel'] });
  const thermostat = fields?.get('thermostat')?.value;
  const sentinel = fields?.get('sentinel')?.value;
  return {
    thermostat: thermostat === undefined ? defaultLoops.thermostat : { fields: readFields(reading, thermostat, context) },
    sentinel: sentinel === undefined ? defaultLoops.sentinel : { pauseSigner: readSigner(reading, sentinel, context) },
  };
}

function readFields(reading: Reading, node: YamlNode, context: LoopsContext): string[] {
  const fields = readMap(reading, node, { what: 'what the thermostat may do', required: ['fields'] });
  const list = fields?.get('fields')?.value;
  if (list === undefined) return [];
  return readList(reading, list, 'fields').flatMap((item) => {
    const match = readText(reading, item, 'a pattern', 200);
    if (match === null) return [];
    fieldsMatched(reading, item, { ...context, match });
    return [match];
  });
}

function readSigner(reading: Reading, node: YamlNode, { signers }: LoopsContext): string | null {
  const fields = readMap(reading, node, { what: 'what the sentinel may do', required: ['pauseSigner'] });
  const at = fields?.get('pauseSigner')?.value;
  const name = readTextAt(reading, fields, { key: 'pauseSigner' });
  if (at === undefined || name === null || signers.includes(name)) return name;
  const near = nearestName(name, signers);
  report(reading, {
    code: 'SIGNER_UNKNOWN',
    at,
    message: `no signer ${quoteShort(name)} is declared`,
    fix: near === null ? 'declare it under signers in environment.yaml' : `write \`${near}\``,
  });
  return null;
}
