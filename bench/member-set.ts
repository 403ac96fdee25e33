// What a member set of a thousand grants costs: scans of the event history, verifying calls, and the second run.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interface } from 'ethers/abi';
import { id } from 'ethers/hash';
import { type Deployment, deployAll } from '../scripts/deployment/deploy.ts';
import { connectSender } from '../scripts/deployment/sender.ts';
import { environmentFiles } from '../scripts/environment-files.ts';
import { startAnvil } from '../test/support/anvil.ts';
import { startRpcProxy } from '../test/support/rpc-proxy.ts';
import type { Figure } from './apply-group.ts';
import { runOnce } from './measure.ts';

const grants = 1_000;
const role = 'MINTER_ROLE';

function memberAt(index: number): string {
  return `0x${(0x1000_0000 + index).toString(16).padStart(40, '0')}`;
}

async function grantAll(deployment: Deployment): Promise<void> {
  const sender = await connectSender({ url: deployment.url, privateKey: deployment.accounts.owner.privateKey });
  const abi = new Interface(['function grantRole(bytes32 role, address account)']);
  for (let index = 0; index < grants; index++) {
    await sender.send({ to: deployment.addresses.roleBook, data: abi.encodeFunctionData('grantRole', [id(role), memberAt(index)]), what: 'a grant' });
  }
}

function writeWorld(root: string, deployment: Deployment, url: string): void {
  const folder = join(root, 'desired-state', 'bench');
  mkdirSync(join(folder, 'contracts'), { recursive: true });
  for (const [file, text] of environmentFiles({ deployment, rpc: url })) writeFileSync(join(folder, file), text.replace(/\nlimits:[\s\S]*/, '\n'));
  const { address, fromBlock } = deployment.manifest.roleBook;
  writeFileSync(
    join(folder, 'contracts', 'role-book.yaml'),
    `apiVersion: mooring/v1\nkind: AccessControl\naddress: "${address}"\nfromBlock: ${fromBlock}\nspec:\n  roles:\n    DEFAULT_ADMIN_ROLE: [owner]\n`,
  );
}

export async function memberSet(bin: string): Promise<Figure[]> {
  const anvil = await startAnvil({ args: ['--hardfork', 'cancun'] });
  const root = mkdtempSync(join(tmpdir(), 'mooring-members-'));
  const proxy = await startRpcProxy(anvil.url);
  try {
    const deployment = await deployAll({ url: anvil.url, variant: 'key' });
    await grantAll(deployment);
    writeWorld(root, deployment, proxy.url);
    proxy.reset();
    const argv = [bin, 'plan', '--env', 'bench', '--root', root, '--format', 'json'];
    const { output } = await runOnce({ argv });
    const [logs, calls] = [proxy.count('eth_getLogs'), proxy.count('eth_call')];
    const found = new Set(output.match(/0x0{30}[0-9a-f]{10}/gi)?.map((member) => member.toLowerCase())).size;
    proxy.reset();
    await runOnce({ argv });
    const ranges = proxy.exchanges.flatMap((exchange) => exchange.calls).filter((call) => call.method === 'eth_getLogs');
    const blocks = ranges.map((call) => blockSpan(call.params[0]));
    return [
      [`members found of a set of ${grants} grants`, String(found), String(grants), found === grants],
      ['eth_getLogs for them', String(logs), '≤ 2', logs <= 2],
      ['eth_call in the run (values, then one that verifies)', String(calls), '≤ 2', calls <= 2],
      ['blocks that a second plan scans', String(blocks.reduce((sum, span) => sum + span, 0)), 'only new ones: 0', blocks.every((span) => span === 0)],
    ];
  } finally {
    await proxy.stop();
    await anvil.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

function blockSpan(filter: unknown): number {
  if (typeof filter !== 'object' || filter === null || !('fromBlock' in filter) || !('toBlock' in filter)) return Number.POSITIVE_INFINITY;
  return Number(filter.toBlock) - Number(filter.fromBlock) + 1;
}
