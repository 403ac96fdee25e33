// Hardhat's settings: compiles contracts/ offline with the npm package's compiler, and serves the embedded chain.
import { createRequire } from 'node:module';
import { defineConfig } from 'hardhat/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  solidity: {
    version: '0.8.37',
    // The compiler comes from the lockfile, never from a download.
    path: require.resolve('solc/soljson.js'),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      // Code hashes change with the code only, not with a comment.
      metadata: { bytecodeHash: 'none' },
    },
  },
  paths: { sources: 'contracts', artifacts: 'artifacts', cache: 'cache', tests: { solidity: 'test/contracts/solidity' } },
  networks: {
    default: { type: 'edr-simulated', chainType: 'l1', chainId: 31337 },
  },
});
