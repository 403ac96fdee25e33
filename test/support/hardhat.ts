// Starts Hardhat's network as an in-process JSON-RPC server, for tests. Knows no contracts.
import { dirname, join } from 'node:path';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import type { NetworkConfigOverride } from 'hardhat/types/config';
import config from '../../hardhat.config.ts';

export type HardhatChain = { url: string; stop(): Promise<void> };

const root = dirname(dirname(import.meta.dirname));

/**
 * Starts a fresh chain (id 31337, Hardhat's default accounts) on a free loopback port. `override` are settings of the
 * network, e.g. `{ mining: { auto: false } }` or `{ forking: { url } }`.
 * SIDE EFFECTS: a listening server in this process, until `stop`.
 */
export async function startHardhat(options: { override?: NetworkConfigOverride } = {}): Promise<HardhatChain> {
  const hre = await createHardhatRuntimeEnvironment(config, { config: join(root, 'hardhat.config.ts') }, root);
  const params = options.override === undefined ? { network: 'default' } : { network: 'default', override: options.override };
  const server = await hre.network.createServer(params, '127.0.0.1', 0);
  const { port } = await server.listen();
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}
