// What an approval binds: the plan's meaning, not the circumstances that it was made in (docs/decisions/plan.md). Pure.
import { createHash } from 'node:crypto';
import type { Change, Edit, Plan, Reduction, SideEffect, State, Step } from '../types.ts';
import { canonicalJson } from '../values.ts';

export type DigestInput = Pick<Plan, 'environment' | 'chainId' | 'changes' | 'edits' | 'steps' | 'sideEffects' | 'policyVersion'> & {
  /** Reductions that git didn't make and that stand against, or were lifted for, one of the changes. */
  reductions: readonly Reduction[];
  live: State;
  /** By step id: the arguments that were chosen, in the setter's order; carried ones left out. */
  chosen: ReadonlyMap<string, readonly unknown[]>;
};

/** SHA-256 as hex without `0x`. */
export function digestOf(input: DigestInput): string {
  return createHash('sha256')
    .update(canonicalJson(meaningOf(input)))
    .digest('hex');
}

/** Not in it: block, commit, gas, wording, risk, groups, conditions, and live values that a grouped setter only carries. */
function meaningOf(input: DigestInput): unknown {
  const { environment, chainId, policyVersion } = input;
  return {
    version: 1,
    environment,
    chainId,
    policyVersion,
    contracts: contractsOf(input),
    changes: sorted(input.changes.map(changeMeaning)),
    ...(input.edits.length === 0 ? {} : { edits: sorted(input.edits.map(editMeaning)) }),
    sideEffects: sorted(input.sideEffects.map(effectMeaning)),
    steps: input.steps.map((step) => stepMeaning(step, input.chosen.get(step.id) ?? [])),
    reductions: [...new Set(input.reductions.map((reduction) => reduction.transaction.toLowerCase()))].sort(),
  };
}

/** Address and code of every contract that a change is about or a step goes to or through. */
function contractsOf({ changes, steps, live }: DigestInput): unknown[] {
  const concerned = new Set(
    [...changes.map((change) => change.address), ...steps.flatMap((step) => [step.target, step.to])].map((address) => address.toLowerCase()),
  );
  const known = new Map(live.contracts.map((contract) => [contract.address.toLowerCase(), contract]));
  return [...concerned].sort().map((address) => {
    const contract = known.get(address);
    return { address, name: contract?.name ?? null, code: contract?.code ?? null };
  });
}

function changeMeaning({ id, action, from, to }: Change): unknown {
  return { id, action, from, to };
}

function editMeaning({ id, what, from, to }: Edit): unknown {
  return { id, what, from, to };
}

function effectMeaning({ contract, field, from, to, corrected }: SideEffect): unknown {
  return { contract, field, from, to, corrected };
}

function stepMeaning({ target, call, route }: Step, chosen: readonly unknown[]): unknown {
  return { target, function: call.function, signer: route.signer, relay: route.via === 'relay' ? route.relay : null, chosen };
}

/** Each by its own text, so that the order of files and lines doesn't count. */
function sorted(items: readonly unknown[]): unknown[] {
  return items
    .map((item) => ({ item, text: canonicalJson(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item);
}
