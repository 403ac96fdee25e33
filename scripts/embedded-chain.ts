// The embedded chain: Hardhat's network in this process, with all our contracts on it. For the demo and `npm run chain`.
import { dirname, join } from 'node:path';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import config from '../hardhat.config.ts';
import { type Deployment, deployAll } from './deployment/deploy.ts';

export type EmbeddedChain = { url: string; deployment: Deployment; stop: () => Promise<void> };

const root = dirname(import.meta.dirname);

/**
 * Starts a fresh chain (id 31337) on loopback and deploys the governed variant: SystemPause owns the eight modules.
 * `port` 0 takes a free one. SIDE EFFECTS: a listening server in this process, until `stop`.
 */
export async function startEmbeddedChain(port = 0): Promise<EmbeddedChain> {
  const hre = await createHardhatRuntimeEnvironment(config, { config: join(root, 'hardhat.config.ts') }, root);
  const server = await hre.network.createServer('default', '127.0.0.1', port);
  const listening = await server.listen();
  const url = `http://127.0.0.1:${listening.port}`;
  const deployment = await deployAll({ url, variant: 'governed' });
  return { url, deployment, stop: () => server.close() };
}
