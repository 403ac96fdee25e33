// `npm run chain`: leaves an embedded chain running that desired-state/local is in sync with, until Ctrl-C.
import { parseArgs } from 'node:util';
import { startEmbeddedChain } from './embedded-chain.ts';
import { keyVariable } from './environment-files.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8545' } } });
const port = Number(values.port);
/** Where desired-state/local looks for it. */
const usualPort = 8545;

try {
  const chain = await startEmbeddedChain(port);
  console.log(`Chain ${chain.deployment.chainId} is running at ${chain.url}, with all contracts deployed; Ctrl-C stops it.

desired-state/local is in sync with it${port === usualPort ? '' : `, once its environment.yaml says http://127.0.0.1:${port}`}. In another terminal:
  npx mooring plan --env local      nothing to change
  npx mooring drift --env local     in sync
Edit desired-state/local/contracts/arena.yaml, plan again, and apply with the development key:
  ${keyVariable}=${chain.deployment.accounts.owner.privateKey} npx mooring apply --env local`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await chain.stop();
} catch (error) {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  console.error(
    taken
      ? `Port ${port} is in use: stop what listens there, or choose another with npm run chain -- --port 8546 (and put it into desired-state/local/environment.yaml).`
      : error,
  );
  process.exitCode = 1;
}
