// JSON Schemas of contract files, made from kinds: completion, hover texts and inline errors in editors (draft-07). Pure.

import { fieldHover } from './field-hover.ts';
import { account, fieldSchema, type JsonSchema } from './field-schema.ts';
import { staticPaths } from './fields.ts';
import type { Kind, Kinds } from './kind.ts';

const draft = 'http://json-schema.org/draft-07/schema#';

/** The schema of contract files of one kind. */
export function kindSchema(kind: Kind): JsonSchema {
  const written = [...kind.fields.values()].filter((field) => field.writable);
  return {
    $schema: draft,
    title: kind.name,
    description: kind.description,
    type: 'object',
    additionalProperties: false,
    required: ['apiVersion', 'kind', 'address', 'fromBlock'],
    properties: {
      ...head,
      kind: { const: kind.name, description: kind.description },
      spec: {
        type: 'object',
        additionalProperties: false,
        description: 'What git manages. A field that is not written is left alone.',
        properties: Object.fromEntries(written.map((field) => [field.name, { description: fieldHover(kind, field), ...fieldSchema(field) }])),
      },
      observe: { type: 'array', uniqueItems: true, items: observable(kind), description: 'Fields that are reported and never written.' },
    },
  };
}

/**
 * Every schema file that is made from kinds: path below `schemas/` to text. `contract.schema.json` picks by `kind`;
 * `contracts/<Kind>.schema.json` is for one.
 */
export function schemaFiles(kinds: Kinds): Map<string, string> {
  const sorted = [...kinds.values()].filter((kind) => !kind.abstract).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = new Map(sorted.map((kind) => [`contracts/${kind.name}.schema.json`, text(kindSchema(kind))]));
  return new Map([['contract.schema.json', text(unionSchema(sorted))], ...files]);
}

const head: JsonSchema = {
  apiVersion: { const: 'mooring/v1' },
  address: { ...account, description: 'Where the contract stands: a quoted address with its checksum, or a name from the address book.' },
  fromBlock: { type: 'integer', minimum: 0, description: 'The block in which the contract was made: its event history is read from here.' },
  adoptedAt: { type: 'integer', minimum: 0, description: "The block at which git took over: reductions of risk up to here count as git's own." },
};

function unionSchema(kinds: readonly Kind[]): JsonSchema {
  return {
    $schema: draft,
    title: 'A contract that git manages',
    type: 'object',
    required: ['kind'],
    properties: { kind: { enum: kinds.map((kind) => kind.name), description: 'What the contract is.' } },
    allOf: kinds.map((kind) =>
      Object.fromEntries([
        ['if', { properties: { kind: { const: kind.name } }, required: ['kind'] }],
        ['then', { $ref: `contracts/${kind.name}.schema.json` }],
      ]),
    ),
  };
}

/** Names that may stand under `observe`: every field, and every key of a keyed one. */
function observable(kind: Kind): JsonSchema {
  const names = [...new Set([...kind.fields.keys(), ...staticPaths(kind)])];
  const open = [...kind.fields.values()].filter((field) => field.shape === 'keyedMembers').map((field) => field.name);
  if (open.length === 0) return { enum: names };
  return { anyOf: [{ enum: names }, { type: 'string', pattern: `^(${open.join('|')})\\.[A-Za-z0-9_]+$` }] };
}

function text(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
