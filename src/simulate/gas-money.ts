// Whether each caller can pay for its steps at the present gas price. Reads the chain, sends nothing.
import type { Code } from '../errors.ts';
import type { Address, BlockRef, ChainReader, Desired, Finding, Plan, StepProof } from '../types.ts';

/** `balances` by lower-case address. */
export type GasMoney = { feePerGas: bigint | null; balances: ReadonlyMap<string, bigint> };

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

/** CALLER_WITHOUT_GAS_MONEY for each caller whose balance is below what all its steps must be covered with. Pure. */
export function checkGasMoney({ plan, steps, money, desired }: Input): Finding[] {
  const fee = feeCap(money.feePerGas, desired.environment.maxFeePerGas);
  if (fee === null) return [];
  const gasOf = new Map(steps.map((proof) => [proof.step, proof.gas]));
  const bySigner = Map.groupBy(plan.steps, (step) => step.route.signer.toLowerCase());
  return [...bySigner].flatMap(([signer, own]) => {
    const has = money.balances.get(signer);
    const needs = own.reduce((sum, step) => sum + gasLimit(gasOf.get(step.id) ?? 0n) * fee + step.value, 0n);
    if (has === undefined || has >= needs) return [];
    const caller = own[0]?.route.signer ?? signer;
    return [withoutMoney({ caller, name: nameOf(desired, caller), has, needs, changes: own.flatMap((step) => step.covers) })];
  });
}

/** A node takes a transaction only when its sender could pay the whole limit at the highest fee offered: as apply sets them. */
function gasLimit(gas: bigint): bigint {
  return (gas * 13n) / 10n + 30_000n;
}

/** Room for the price to double, up to the environment's cap. */
function feeCap(feePerGas: bigint | null, cap: bigint | null): bigint | null {
  if (feePerGas === null) return null;
  return cap !== null && cap < 2n * feePerGas ? cap : 2n * feePerGas;
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
