// The Box as a managed contract: its kind, its reading, its plans made by hand. Used by tests and by their children.
import { createHash } from 'node:crypto';
import { decodeResult, encodeCall, parseError, parseEvent, parseFunction } from '../../src/kinds/abi.ts';
import type { Kind, Kinds } from '../../src/kinds/kind.ts';
import type { BlockRef, ChainReader, Change, Condition, Finding, Plan, Scalar, Simulation, Step } from '../../src/types.ts';
import { canonicalJson } from '../../src/values.ts';

const numbers = 64;
const names = ['value', 'writes', 'frozen', 'broken'] as const;
const functions = {
  value: parseFunction('function value(uint256) view returns (uint256)'),
  writes: parseFunction('function writes(uint256) view returns (uint256)'),
  frozen: parseFunction('function frozen(uint256) view returns (bool)'),
  broken: parseFunction('function broken(uint256) view returns (bool)'),
  owner: parseFunction('function owner() view returns (address)'),
  set: parseFunction('function set(uint256,uint256)'),
  freeze: parseFunction('function freeze(uint256)'),
  setBroken: parseFunction('function setBroken(uint256,bool)'),
  give: parseFunction('function give(address)'),
};

export type BoxFunction = keyof typeof functions;

export function boxCall(name: BoxFunction, ...args: (bigint | boolean | string)[]): string {
  return encodeCall(functions[name], args);
}

const keys = new Map<string, Scalar>(Array.from({ length: numbers }, (_, i) => [`k${i}`, BigInt(i)]));

const boxKind: Kind = {
  name: 'Box',
  description: 'Numbered values.',
  lineage: ['Box'],
  functions: new Map(Object.entries(functions)),
  foreign: new Map(),
  events: new Map([['Set', parseEvent('event Set(uint256 indexed number, uint256 value)')]]),
  errors: [parseError('error NotOwner(address caller)'), parseError('error Broken(uint256 number)')],
  fields: new Map([
    [
      'value',
      {
        name: 'value',
        description: '',
        type: 'uint256',
        unit: 'none',
        writable: true,
        risk: { up: 'increase', down: 'reduce' },
        history: [],
        shape: 'keyed',
        getter: 'value',
        keys,
        keyType: 'uint256',
        output: 0,
      },
    ],
  ]),
  setters: [],
  rules: [],
  access: [],
  abstract: false,
  otherFunctions: [],
};

export const boxKinds: Kinds = new Map([['Box', boxKind]]);

export function boxContracts(address: string): { name: string; kind: string; address: string }[] {
  return [{ name: 'box', kind: 'Box', address }];
}

/** What a value is to become, and in which group of steps. */
export type Wish = { number: number; to: bigint; group: number };

export type BoxState = Readonly<Record<(typeof names)[number], readonly Scalar[]>>;

/** Every reading of the first `count` numbers, at one block. */
export async function readBox(chain: ChainReader, address: string, { count = numbers, block }: { count?: number; block: BlockRef }): Promise<BoxState> {
  const calls = names.flatMap((name) => Array.from({ length: count }, (_, i) => ({ name, to: address, data: boxCall(name, BigInt(i)) })));
  const results = await chain.calls(
    calls.map(({ to, data }) => ({ to, data })),
    block,
  );
  const values = calls.map(({ name }, i) => decodeResult(functions[name], results[i]?.data ?? '0x')[0] as Scalar);
  const part = (i: number) => values.slice(i * count, (i + 1) * count);
  return { value: part(0), writes: part(1), frozen: part(2), broken: part(3) };
}

export type BoxPlanOptions = {
  chain: ChainReader;
  address: string;
  signer: string;
  wishes: readonly Wish[];
  chainId?: bigint;
  findings?: readonly Finding[];
  simulation?: Simulation;
  emits?: readonly string[];
};

/** The plan of a Box as it is now: a step for each wish that isn't fulfilled and isn't frozen. */
export async function planBox(options: BoxPlanOptions): Promise<Plan> {
  const { chain, address, wishes } = options;
  const block = await chain.head('latest');
  const count = Math.max(0, ...wishes.map((wish) => wish.number + 1));
  const state = await readBox(chain, address, { count, block });
  const due = wishes.filter(({ number, to }) => state.value[number] !== to && state.frozen[number] !== true);
  const changes = due.map((wish): Change => changeOf(wish, state, address));
  const groups = [...new Set(due.map((wish) => wish.group))].sort((a, b) => a - b);
  const steps = due.map((wish): Step => stepOf({ wish, state, options, group: groups.indexOf(wish.group) })).sort((a, b) => a.group - b.group);
  const proof: Simulation = {
    status: 'proven',
    method: 'simulateV1',
    block,
    feePerGas: null,
    steps: steps.map((step) => ({ step: step.id, ok: true, gas: 75_000n, events: ['Set'] })),
    reread: 0,
    declared: 0,
    asDeclared: 0,
    sideEffects: [],
  };
  return {
    version: 1,
    environment: 'test',
    chainId: options.chainId ?? 31337n,
    block,
    digest: digestOf(changes, steps),
    changes,
    steps,
    findings: options.findings ?? [],
    unmanaged: [],
    sideEffects: [],
    reductions: [],
    approvals: [],
    edits: [],
    policyVersion: 'p',
    declared: wishes.length,
    simulation: options.simulation ?? (steps.length === 0 ? { status: 'not needed' } : proof),
  };
}

function digestOf(changes: readonly Change[], steps: readonly Step[]): string {
  return createHash('sha256')
    .update(canonicalJson([changes, steps.map(({ to, data, route }) => [to, data, route])]))
    .digest('hex');
}

function changeOf({ number, to }: Wish, state: BoxState, address: string): Change {
  const from = { type: 'scalar' as const, value: state.value[number] ?? 0n };
  return {
    id: `box.value.k${number}`,
    contract: 'box',
    kind: 'Box',
    address,
    field: `value.k${number}`,
    action: 'set',
    from,
    to: { type: 'scalar', value: to },
    unit: 'none',
    risk: 'reduce',
  };
}

function stepOf({ wish, state, options, group }: { wish: Wish; state: BoxState; options: BoxPlanOptions; group: number }): Step {
  const { number, to } = wish;
  const condition = (value: Scalar): Condition => ({ contract: 'box', field: `value.k${number}`, value: { type: 'scalar', value } });
  return {
    id: `step-${number}`,
    target: options.address,
    to: options.address,
    data: boxCall('set', BigInt(number), to),
    value: 0n,
    call: {
      contract: 'box',
      function: 'set',
      args: [
        { name: 'number', type: 'uint256', value: BigInt(number) },
        { name: 'to', type: 'uint256', value: to },
      ],
    },
    covers: [`box.value.k${number}`],
    corrects: [],
    carries: [],
    route: { via: 'direct', signer: options.signer },
    group,
    risk: 'reduce',
    precondition: [condition(state.value[number] ?? 0n)],
    postcondition: [condition(to)],
    emits: options.emits ?? ['Set'],
  };
}
