// An environment for what can't wait: any RPC that answers is enough, the newest block counts, and history is a help at most.
import { MooringError } from '../../errors.ts';
import type { ChainReader } from '../../types.ts';
import type { Context, Options } from '../command.ts';
import { lazyJournal } from '../environment/journal.ts';
import { type Opened, openChain, openDeclared } from '../environment/open.ts';
import type { Log } from '../log.ts';
import { expandTemplate } from '../secrets/secrets.ts';

/** A node that is silent must not hold up the one behind it for long. */
const waits = { timeoutMs: 8_000, retries: 2 };

/** Throws what `openEnvironment` throws; an RPC's error only where none can be used. SIDE EFFECTS: connections, until `close`. */
export function openUrgent(context: Context, options: Options, log: Log): Opened {
  const declared = openDeclared(context, options);
  const { environment } = declared.desired;
  const usable = environment.rpc.filter((template) => canExpand(template, context, log));
  const rpc = usable.length === 0 ? environment.rpc : usable;
  // One opinion is enough here, and a right that was given in the last block counts.
  const urgent = { ...environment, rpc, production: false, finality: 'latest' } as const;
  const opened = openChain(context, { ...declared, desired: { ...declared.desired, environment: urgent } }, lazyJournal(context, declared), waits);
  return { ...opened, chain: withoutHistory(opened.chain) };
}

function canExpand(template: string, { env }: Context, log: Log): boolean {
  try {
    expandTemplate(template, env);
    return true;
  } catch (error) {
    if (!(error instanceof MooringError)) throw error;
    log(`an RPC is left out: ${error.message}`);
    return false;
  }
}

/** A node without eth_getLogs, or with one that is of no use, leaves sets unknown; it is not away. */
function withoutHistory(chain: ChainReader): ChainReader {
  return {
    ...chain,
    async logs(filter) {
      try {
        return await chain.logs(filter);
      } catch (error) {
        if (!(error instanceof MooringError) || !error.code.startsWith('RPC_')) throw error;
        throw new MooringError('LOGS_INCOMPLETE', error.message, { cause: error });
      }
    },
  };
}
