// The doctor on what is declared: is it valid, is it live, is it what was deployed, is it what services run with?
import { diskSource } from '../../desired/file-source.ts';
import { loopFindings } from '../../desired/loops/loop-findings.ts';
import { settingsDefaults } from '../../loops/thermostat/settings.ts';
import type { Check } from '../../render/doctor-text.ts';
import type { Address, DriftReport } from '../../types.ts';
import { reportDrift } from '../drift.ts';
import type { Declared, Opened } from '../environment/open.ts';
import type { Published } from '../published.ts';
import { check } from './check.ts';

/** What reading it has let through: warnings, and the loops' files. */
export function checkDeclared({ root, name, desired, kinds, warnings }: Declared): Check[] {
  const loops = loopFindings({ source: diskSource(root), environment: name, loaded: { desired, kinds }, defaults: settingsDefaults });
  const inLoop = (loop: string) => loops.filter(({ source }) => source?.file.endsWith(`/loops/${loop}.yaml`) === true);
  const { contracts } = desired.state;
  const state =
    warnings.length === 0
      ? check('desired-state', 'ok', `${contracts.length} contracts are declared, and valid`)
      : check('desired-state', 'warn', warnings.map(({ message }) => message).join('; '), `mooring validate --env ${name}`);
  return [
    state,
    ...(['thermostat', 'sentinel', 'arena'] as const).map((loop) => {
      const found = inLoop(loop);
      const isBroken = found.some(({ severity }) => severity === 'error');
      if (found.length === 0) return check(`${loop}-settings`, 'ok', 'valid, or not declared, which is the defaults');
      return check(`${loop}-settings`, isBroken ? 'fail' : 'warn', found.map(({ message }) => message).join('; '), `mooring validate --env ${name}`);
    }),
  ];
}

/** Throws RPC_*. */
export async function checkSync(opened: Opened, now: () => number): Promise<Check[]> {
  const report = await reportDrift(opened, now);
  const { status } = report;
  if (status === 'in sync') return [check('in-sync', 'ok', `git and chain agree at block ${report.block.number}`)];
  const fix = `mooring drift --env ${opened.name}`;
  const verdict = status === 'unknown' ? 'unknown' : status === 'pending' ? 'warn' : 'fail';
  return [check('in-sync', verdict, `${status}: ${differences(report)}`, fix)];
}

function differences({ items, findings }: DriftReport): string {
  const names = items.filter(({ status }) => status !== 'ignored').map(({ change }) => change.id);
  const all = names.length > 0 ? names : findings.map(({ code }) => code);
  return all.length <= 5 ? all.join(', ') : `${all.slice(0, 5).join(', ')} and ${all.length - 5} more`;
}

/** `manifest`: the active deployment, name to address. A name there may be written as `stakeManager`. */
export function checkManifest({ desired }: Pick<Declared, 'desired'>, manifest: Published): Check {
  const fix = 'correct the address in desired-state/, or name the manifest of the deployment that is active';
  const entries = Object.entries(manifest).flatMap(([name, value]) => {
    const address = addressIn(value);
    return address === null ? [] : [{ name: plain(name), address }];
  });
  if (entries.length === 0) return check('manifest', 'unknown', 'the manifest has no addresses', 'name a JSON file of name to address');
  const { contracts } = desired.state;
  const declared = [
    ...contracts.map(({ name, address }) => [name, address] as const),
    ...[...desired.addresses.byName].map(([name, { address }]) => [name, address] as const),
  ];
  const differing = entries.flatMap(({ name, address }) => {
    const own = declared.filter(([other]) => plain(other) === name);
    return own
      .filter(([, other]) => other.toLowerCase() !== address.toLowerCase())
      .map(([other, at]) => `${other} is declared at ${at} and deployed at ${address}`);
  });
  if (differing.length > 0) return check('manifest', 'fail', [...new Set(differing)].join('; '), fix);
  const missing = contracts.filter(({ address }) => !entries.some((entry) => entry.address.toLowerCase() === address.toLowerCase())).map(({ name }) => name);
  if (missing.length > 0) return check('manifest', 'warn', `the manifest does not have ${missing.join(', ')}`, fix);
  return check('manifest', 'ok', `all ${contracts.length} contracts are at the addresses of the deployment`);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function addressIn(value: unknown): Address | null {
  const text = typeof value === 'object' && value !== null && 'address' in value ? value.address : value;
  return typeof text === 'string' && /^0x[0-9a-fA-F]{40}$/.test(text) ? text : null;
}

/** What a service publishes, name by name, against what is declared; names that no setting has are not compared. */
export function checkService(place: string, published: Published, declared: Readonly<Record<string, unknown>>): Check {
  // Where alerts go is a template in git, and may be a secret there.
  const compared = [...flatten(published)].filter(([path]) => known(declared, path) !== undefined && !/url|channel|key|secret|token/i.test(path));
  if (compared.length === 0)
    return check('service', 'unknown', `${place} publishes no setting that is declared`, 'let it publish its settings under their names in loops/*.yaml');
  const differing = compared
    .filter(([path, value]) => known(declared, path) !== value)
    .map(([path, value]) => `${path} is ${value} there and ${known(declared, path)} in git`);
  if (differing.length > 0) return check('service', 'fail', `${place}: ${differing.join('; ')}`, 'restart it with the declared settings, or propose its own');
  return check('service', 'ok', `${place} runs with ${compared.length} settings as declared`);
}

/** `thermostat.roiWindow` as well as `roiWindow`. */
function known(declared: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const all = flatten(declared);
  const whole = all.get(path);
  if (whole !== undefined) return whole;
  const ends = [...all].filter(([name]) => name.endsWith(`.${path}`));
  return ends.length === 1 ? ends[0]?.[1] : undefined;
}

function flatten(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return path === '' ? new Map() : new Map([[path, String(value)]]);
  return new Map(Object.entries(value).flatMap(([key, item]) => [...flatten(item, path === '' ? key : `${path}.${key}`)]));
}
