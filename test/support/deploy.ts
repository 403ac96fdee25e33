// Our contracts on a test's chain.
import { type Deployment, deployAll } from '../../scripts/deployment/deploy.ts';
import type { Variant } from '../../scripts/deployment/initial-state.ts';

/**
 * Deploys all our contracts to the chain at `url` and sets them up: `key` (one key owns everything, the default) or
 * `governed` (SystemPause owns the eight modules). See scripts/deployment/deploy.ts for what comes back.
 * SIDE EFFECTS: transactions on that chain.
 */
export function deploy(options: { url: string; variant?: Variant }): Promise<Deployment> {
  return deployAll({ url: options.url, variant: options.variant ?? 'key' });
}
