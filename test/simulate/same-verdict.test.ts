// Whatever the plan, valid or not, every way of proving comes to the same verdict.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AbiValue } from '../../src/kinds/abi.ts';
import type { AbiParameter, Kind } from '../../src/kinds/kind.ts';
import { prove } from '../../src/simulate/prove.ts';
import type { FieldValue, Plan, ProofMethod, State, Step } from '../../src/types.ts';
import { canonicalJson } from '../../src/values.ts';
import { type Edits, type ProofWorld, preparePlan, rawStep, startProofWorld } from './proof-world.ts';
import { members, scalar } from './states.ts';

const runs = process.env['MOORING_FULL'] === '1' ? 100 : 5;
const token = 10n ** 18n;

/** What a person is shown and what decides: gas, which one way only bounds, and events, which one doesn't see, left out. */
function verdict(plan: Plan): string {
  const { simulation, findings } = plan;
  if (simulation.status !== 'proven' && simulation.status !== 'failed') return canonicalJson(simulation);
  const { steps, reread, declared, asDeclared, sideEffects, status } = simulation;
  const shown = findings
    .filter((finding) => finding.code !== 'PROOF_EVENT_MISSING')
    .map((finding) => (finding.code === 'CALLER_WITHOUT_GAS_MONEY' ? { code: finding.code } : finding));
  return canonicalJson({
    status,
    reread,
    declared,
    asDeclared,
    sideEffects,
    findings: shown,
    steps: steps.map(({ step, ok, error }) => ({ step, ok, error: error ?? null })),
  });
}

type Call = { name: string; to: string; signature: string; args: AbiValue[]; from: number };

/** Any setter of any managed contract, with arguments that may or may not be accepted. */
function anyCall(world: ProofWorld, live: State): fc.Arbitrary<Call> {
  const setters = live.contracts.flatMap((contract) => {
    const kind = world.kinds.get(contract.kind);
    return kind === undefined ? [] : [...new Set(kind.setters.map((setter) => setter.function))].map((name) => ({ contract, kind, name }));
  });
  return fc.constantFrom(...setters).chain(({ contract, kind, name }) => {
    const inputs = inputsOf(kind, name);
    const signature = `${name}(${inputs.map((input) => input.type).join(',')})`;
    return fc.record({
      name: fc.constant(contract.name),
      to: fc.constant(contract.address),
      signature: fc.constant(signature),
      args: fc.tuple(...inputs.map((input) => anyValue(world, live, input.type))).map((values) => values as AbiValue[]),
      from: fc.nat({ max: 9 }),
    });
  });
}

function inputsOf(kind: Kind, name: string): readonly AbiParameter[] {
  return kind.functions.get(name)?.inputs ?? [];
}

function anyValue(world: ProofWorld, live: State, type: string): fc.Arbitrary<AbiValue> {
  if (type === 'bool') return fc.boolean();
  if (type === 'address')
    return fc.constantFrom(
      ...Object.values(world.deployment.accounts).map((account) => account.address),
      ...live.contracts.map((contract) => contract.address),
      `0x${'0'.repeat(40)}`,
    );
  if (type === 'bytes32') return fc.constant(`0x${'0'.repeat(64)}`);
  const small = fc.bigInt({ min: 0n, max: 120n });
  if (type === 'uint8') return fc.bigInt({ min: 0n, max: 4n });
  return type === 'uint16'
    ? fc.oneof(small, fc.bigInt({ min: 0n, max: 10_000n }))
    : fc.oneof(
        small,
        small.map((value) => (value * token) / 10n),
      );
}

/** Declarations that the calls may or may not bring about. */
function anyEdits(world: ProofWorld, live: State): fc.Arbitrary<Edits> {
  const fields = live.contracts.flatMap((contract) => [...contract.fields.values()].map(({ path, value }) => ({ contract: contract.name, path, value })));
  const kindOf = new Map(live.contracts.map((contract) => [contract.name, world.kinds.get(contract.kind)]));
  // A fraction of a percent is refused before there is a plan.
  const wholePercent = (contract: string, path: string) => kindOf.get(contract)?.fields.get(path)?.unit === 'percentOrBps';
  const people = Object.values(world.deployment.accounts).map((account) => account.address);
  const edited = (value: FieldValue, step: bigint): fc.Arbitrary<FieldValue | null> => {
    if (value.type === 'members') return fc.subarray(people, { maxLength: 4 }).map((list) => members(...list));
    if (value.type !== 'scalar') return fc.constant(null);
    if (typeof value.value === 'bigint')
      return fc.oneof(
        fc.constant(null),
        fc.bigInt({ min: 0n, max: 120n }).map((number) => scalar(number * step)),
      );
    return typeof value.value === 'boolean' ? fc.boolean().map(scalar) : fc.oneof(fc.constant(null), fc.constantFrom(...people).map(scalar));
  };
  const one = fc
    .constantFrom(...fields)
    .chain(({ contract, path, value }) => edited(value, wholePercent(contract, path) ? 100n : 1n).map((to) => ({ contract, path, to })));
  return fc.array(one, { maxLength: 6 }).map((list) => {
    const edits: Record<string, Record<string, FieldValue | null>> = {};
    for (const { contract, path, to } of list) edits[contract] = { ...edits[contract], [path]: to };
    return edits;
  });
}

function stepsOf(world: ProofWorld, calls: readonly Call[]): Step[] {
  const { owner, stranger } = world.deployment.accounts;
  const { systemPause } = world.deployment.addresses;
  // Now and then a stranger, and a contract, whose own code must go on working while it sends.
  const sender = (n: number) => (n === 0 ? stranger.address : n < 4 ? systemPause : owner.address);
  return calls.map(({ name, to, signature, args, from }, i) => rawStep({ from: sender(from), to, contract: name, call: signature, args }, i));
}

describe.each([
  ['Anvil', 'anvil', 'key', ['simulateV1', 'runner', 'fork']],
  ['Anvil, governed', 'anvil', 'governed', ['simulateV1', 'runner', 'fork']],
  ['Hardhat', 'hardhat', 'governed', ['runner', 'fork']],
] as const)('on %s', (_name, node, variant, methods) => {
  let world: ProofWorld;
  let live: State;
  beforeAll(async () => {
    world = await startProofWorld({ node, variant });
    live = (await preparePlan(world, {})).live;
  });
  afterAll(() => world.stop());

  async function verdicts(edits: Edits, steps: readonly Step[] | undefined): Promise<{ method: ProofMethod; verdict: string }[]> {
    const prepared = await preparePlan(world, edits, steps === undefined ? {} : { steps });
    const found: { method: ProofMethod; verdict: string }[] = [];
    for (const method of methods)
      found.push({ method, verdict: verdict(await prove({ ...prepared, kinds: world.kinds, chain: world.chain, methods: [method] })) });
    return found;
  }

  test('random steps', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall(world, live), { minLength: 1, maxLength: 8 }), anyEdits(world, live), async (calls, edits) => {
        const [first, ...rest] = await verdicts(edits, stepsOf(world, calls));
        for (const other of rest) expect(other.verdict).toBe(first?.verdict);
      }),
      { numRuns: runs },
    );
  });

  test('plans for random declarations', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyEdits(world, live), async (edits) => {
        const [first, ...rest] = await verdicts(edits, undefined);
        for (const other of rest) expect(other.verdict).toBe(first?.verdict);
      }),
      { numRuns: runs },
    );
  });
});
