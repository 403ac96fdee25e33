// What a scenario is, and how it is played: some calls by hand, an edit of the YAML, the plan as people read it, the apply.
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Variant } from '../../scripts/deployment/initial-state.ts';
import type { EditOperation } from '../../src/desired/edit/edit.ts';
import type { Hex } from '../../src/types.ts';
import { callsIn, codesIn, type Desk, type PlanFile, parsePlan, type Said, steady } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, type HandCall } from '../support/field-world.ts';

export type Scenario = {
  /** Ends the sentence "the plan …". */
  says: string;
  /** Who owns what; each has a golden file of its own. */
  variants?: readonly Variant[];
  /** Calls past git, on a system in which git and chain agree. */
  before?: readonly HandCall[];
  /** False: what `before` did is news to git. Otherwise it counts as adopted. */
  adopted?: false;
  /** Edits by contract. */
  change?: Readonly<Record<string, readonly EditOperation[]>>;
  /** Whole files below the environment's folder; null removes one. */
  files?: (world: FieldWorld, before: readonly Hex[]) => Readonly<Record<string, string | null>>;
  /** What no call can do to a chain. */
  prepare?: (world: FieldWorld) => Promise<unknown>;
  exit: number;
  /** Codes of the errors and warnings, sorted: `error RULE_BROKEN`. */
  findings?: readonly string[];
  /** The calls in order, where they differ by variant. Left out where there is no plan. */
  calls?: readonly string[] | Readonly<Record<Variant, readonly string[]>>;
  also?: (plan: PlanFile) => void;
};

export const set = (field: string, value: string): EditOperation => ({ path: ['spec', ...field.split('.')], set: value });
export const add = (field: string, member: string): EditOperation => ({ path: ['spec', ...field.split('.')], add: member });
export const remove = (field: string, member: string): EditOperation => ({ path: ['spec', ...field.split('.')], remove: member });
export const drop = (...fields: readonly string[]): EditOperation[] => fields.map((field) => ({ path: ['spec', ...field.split('.')], drop: true }));
export const within = (field: string, low: string, high: string): EditOperation => ({ path: ['spec', field], set: new Map([['within', [low, high]]]) });

const environment = `--env ${environmentName}`;

/** Plays a scenario in a fresh checkout on a fresh state of the chain. SIDE EFFECTS: the chain, and golden files when they are updated. */
export async function play(world: FieldWorld, scenario: Scenario, golden: string): Promise<void> {
  await world.reset();
  const desk = world.desk();
  try {
    await arrange(world, desk, scenario);
    world.proxy.reset();
    const said = await desk.run(`plan ${environment} --out plan.json`);
    await expect(steady(said.stdout + said.stderr)).toMatchFileSnapshot(golden);
    expect(said.exit, said.stderr).toBe(scenario.exit);
    const plan = desk.has('plan.json') ? parsePlan(desk.read('plan.json')) : null;
    if (plan === null) expect(scenario.findings?.filter((finding) => !said.stderr.includes(finding))).toEqual([]);
    else checkPlan(plan, scenario, world.deployment.variant);
    expect(await world.sent()).toEqual({ handedOver: 0, taken: 0 });
    await applyIt(world, { desk, scenario, plan });
  } finally {
    desk.remove();
  }
}

async function arrange(world: FieldWorld, desk: Desk, scenario: Scenario): Promise<void> {
  const before: Hex[] = [];
  let block = 0n;
  for (const call of scenario.before ?? []) {
    const sent = await world.byHand(call);
    before.push(sent.hash);
    block = sent.block;
  }
  await scenario.prepare?.(world);
  if (block > 0n && scenario.adopted === undefined) adopt(desk, block);
  for (const [contract, operations] of Object.entries(scenario.change ?? {})) desk.edit(`${folder}/contracts/${contract}.yaml`, operations);
  for (const [file, text] of Object.entries(scenario.files?.(world, before) ?? {})) {
    if (text === null) desk.delete(join(folder, file));
    else desk.write(join(folder, file), text);
  }
}

/** As an import at that block would have written it. */
function adopt(desk: Desk, block: bigint): void {
  for (const file of desk.files(`${folder}/contracts`)) desk.edit(file, [{ path: ['adoptedAt'], set: String(block) }]);
}

function checkPlan(plan: PlanFile, { findings = [], calls = [], also }: Scenario, variant: Variant): void {
  expect(codesIn(plan.findings)).toEqual(findings);
  expect(callsIn(plan)).toEqual('key' in calls ? calls[variant] : calls);
  also?.(plan);
}

/** A plan that says yes is sent, once, and leaves nothing to do; one that says no sends nothing, whoever insists. */
async function applyIt(world: FieldWorld, { desk, scenario, plan }: { desk: Desk; scenario: Scenario; plan: PlanFile | null }): Promise<void> {
  const digest = plan?.digest ?? '0'.repeat(64);
  const steps = scenario.exit === 0 ? (plan?.steps.length ?? 0) : 0;
  const applied = await desk.run(`apply ${environment} --digest ${digest} --quiet`);
  expect(applied.exit, explain(applied)).toBe(scenario.exit);
  expect(await world.sent()).toEqual({ handedOver: steps, taken: steps });
  if (scenario.exit !== 0) return;
  const again = await desk.run(`apply ${environment} --digest ${digest} --quiet`);
  expect(again.exit, explain(again)).toBe(0);
  const next = parsePlan((await desk.run(`plan ${environment} --format json`)).stdout);
  expect(next.changes).toEqual([]);
  expect(await world.sent()).toEqual({ handedOver: steps, taken: steps });
}

function explain({ stdout, stderr }: Said): string {
  return stdout + stderr;
}
