// Whether each caller can pay for its steps at the present gas price. Reads the chain, sends nothing.
import type { Code } from '../errors.ts';
import type { Address, BlockRef, ChainReader, Desired, Finding, Plan, StepProof } from '../types.ts';

/** `balances` by lower-case address. */
export type GasMoney = { feePerGas: bigint | null; balances: ReadonlyMap<string, bigint> };

/** A gas limit lies above the gas used, and a fee cap above today's price: a node wants both covered before it takes a transaction. */
const margin = 2n;

/** The node's gas price (base fee and tip; null where it gives none) and the callers' balances, in one HTTP request. */
export async function readGasMoney(chain: ChainReader, callers: readonly Address[], block: BlockRef): Promise<GasMoney> {
  const pinned = { blockHash: block.hash };
  const answers = await chain.batch([
    { method: 'eth_gasPrice', params: [] },
    ...callers.map((caller) => ({ method: 'eth_getBalance', params: [caller, pinned] })),
  ]);
  const [price, ...balances] = answers.map((answer) => ('result' in answer && typeof answer.result === 'string' ? BigInt(answer.result) : null));
  const known = callers.flatMap((caller, i): [string, bigint][] => {
    const balance = balances[i];
    return balance === null || balance === undefined ? [] : [[caller.toLowerCase(), balance]];
  });
  return { feePerGas: price ?? null, balances: new Map(known) };
}

type Input = { plan: Plan; steps: readonly StepProof[]; money: GasMoney; desired: Desired };

/** CALLER_WITHOUT_GAS_MONEY for each caller whose balance is below the estimated cost of all its steps. Pure. */
export function checkGasMoney({ plan, steps, money, desired }: Input): Finding[] {
  const { feePerGas } = money;
  if (feePerGas === null) return [];
  const bySigner = Map.groupBy(plan.steps, (step) => step.route.signer.toLowerCase());
  return [...bySigner].flatMap(([signer, own]) => {
    const has = money.balances.get(signer);
    const gas = own.reduce((sum, step) => sum + (steps.find((proof) => proof.step === step.id)?.gas ?? 0n), 0n);
    const value = own.reduce((sum, step) => sum + step.value, 0n);
    const needs = gas * feePerGas * margin + value;
    const caller = own[0]?.route.signer ?? signer;
    return has === undefined || has >= needs
      ? []
      : [withoutMoney({ caller, name: nameOf(desired, caller), has, needs, changes: own.flatMap((step) => step.covers) })];
  });
}

function nameOf(desired: Desired, address: Address): string | undefined {
  const same = (other: Address) => other.toLowerCase() === address.toLowerCase();
  const signer = desired.environment.signers.find((candidate) => same(candidate.address) && !same(candidate.name));
  return signer?.name ?? desired.addresses.byAddress.get(address);
}

function withoutMoney(caller: { caller: Address; name: string | undefined; has: bigint; needs: bigint; changes: readonly string[] }): Finding {
  const who = caller.name === undefined ? caller.caller : `${caller.name} (${caller.caller})`;
  return {
    code: 'CALLER_WITHOUT_GAS_MONEY' satisfies Code,
    severity: 'error',
    message: `${who} has ${caller.has} wei and needs ${caller.needs} wei for its transactions, with a margin for the gas price.`,
    fix: `Send ${caller.needs - caller.has} wei or more to ${caller.caller}.`,
    changes: caller.changes,
  };
}
