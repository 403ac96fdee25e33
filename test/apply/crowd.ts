// Blocks with no room: a bystander's transaction pays more and uses nearly all of the gas, so that what pays less waits.
type Rpc = <T>(method: string, ...params: unknown[]) => Promise<T>;

/** Gas limit of the blocks of a chain that can be crowded (Anvil's `--gas-limit`). */
export const crowdedGasLimit = 3_000_000;

const hog = '0x00000000000000000000000000000000000000fe';
const bystander = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';

/** A tip that beats what the node suggests now, until it has been raised twice. Suggestions follow the blocks before. */
export async function crowdingTip(rpc: Rpc): Promise<bigint> {
  return (BigInt(await rpc<string>('eth_maxPriorityFeePerGas')) * 12n) / 10n;
}

/** Makes a block in which only what offers a higher tip than `tip` (wei) comes before the bystander. The base fee stays at 1 gwei. */
export async function crowdedBlock(rpc: Rpc, tip: bigint): Promise<void> {
  // The invalid opcode: uses up all the gas that it is given.
  await rpc('anvil_setCode', hog, '0xfe');
  const fees = { maxFeePerGas: '0xe8d4a51000', maxPriorityFeePerGas: `0x${tip.toString(16)}` };
  await rpc('eth_sendTransaction', { from: bystander, to: hog, gas: `0x${(crowdedGasLimit - 100_000).toString(16)}`, ...fees });
  await rpc('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00');
  await rpc('evm_mine');
}
