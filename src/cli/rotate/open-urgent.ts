// An environment for what can't wait: any RPC that answers is enough, the newest block counts, history is a help at most, and
// a broken file is in nobody's way.
import type { Outline } from '../../desired/load-outline.ts';
import { defaultPolicy } from '../../desired/read-policy.ts';
import { MooringError } from '../../errors.ts';
import { isSet } from '../../live/read-member.ts';
import type { ChainReader, ContractState, Desired, Finding } from '../../types.ts';
import { type Context, type Options, text } from '../command.ts';
import { lazyJournal } from '../environment/journal.ts';
import { type Declared, type Opened, openChain, openDeclared } from '../environment/open.ts';
import type { Log } from '../log.ts';
import { openOutline } from '../pause/open-outline.ts';
import { expandTemplate } from '../secrets/secrets.ts';

/** A node that is silent must not hold up the one behind it for long. */
const waits = { timeoutMs: 8_000, retries: 2 };

export type Urgent = {
  opened: Opened;
  /** Contracts of which no file says, in a way that can be read, what they are. */
  leftOut: readonly Finding[];
};

/**
 * Throws ROOT_NOT_FOUND, ENVIRONMENT_NOT_FOUND, USAGE; INPUT_INVALID where environment.yaml doesn't say which chain, through which
 * RPC and with which signers; an RPC's error only where none can be used. SIDE EFFECTS: connections, until `close`.
 */
export function openUrgent(context: Context, options: Options, log: Log): Urgent {
  const { declared, leftOut } = declaredUrgent(context, options, log);
  const { environment } = declared.desired;
  const usable = environment.rpc.filter((template) => canExpand(template, context, log));
  const rpc = usable.length === 0 ? environment.rpc : usable;
  // One opinion is enough here, and a right that was given in the last block counts.
  const urgent = { ...environment, rpc, production: false, finality: 'latest' } as const;
  const opened = openChain(context, { ...declared, desired: { ...declared.desired, environment: urgent } }, lazyJournal(context, declared), waits);
  return { opened: { ...opened, chain: withoutHistory(opened.chain) }, leftOut };
}

/** What git wants is of no use here: where a file is broken, chain, signers and places of contracts are enough. */
function declaredUrgent(context: Context, options: Options, log: Log): { declared: Declared; leftOut: readonly Finding[] } {
  try {
    return { declared: openDeclared(context, options), leftOut: [] };
  } catch (error) {
    if (!(error instanceof MooringError) || error.code !== 'INPUT_INVALID') throw error;
    const { root, name, outline } = openOutline(context, options);
    for (const { source, code, message } of error.findings)
      log(`not read: ${source === undefined ? '' : `${source.file}:${source.line}: `}${code}: ${message}`);
    const { desired, leftOut } = desiredIn(outline, text(options, 'role') ?? '');
    return { declared: { root, name, desired, kinds: outline.kinds, warnings: [] }, leftOut };
  }
}

/** Nothing is declared: whoever holds what is read from the chain alone. A role that no history names is read by its name. */
function desiredIn({ environment, addresses, kinds, contracts, unreadable }: Outline, role: string): { desired: Desired; leftOut: readonly Finding[] } {
  const known = contracts.flatMap((place): ContractState[] => {
    const kind = kinds.get(place.kind);
    if (kind === undefined) return [];
    return [{ ...place, fromBlock: 0n, fields: new Map(), observe: new Set(role.includes('.') && isSet(kind, role) ? [role] : []) }];
  });
  const missing = [...contracts.map(({ name }) => name), ...unreadable].filter((name) => !known.some((one) => one.name === name));
  return {
    desired: {
      ...{ environment, addresses, policy: defaultPolicy(false), lifts: [], ignores: [], approvals: [], resumes: [] },
      state: { environment: environment.name, chainId: environment.chainId, block: null, contracts: known, facts: new Map() },
    },
    leftOut: [...new Set(missing)].map((contract) => ({
      code: 'LIVE_UNKNOWN',
      severity: 'error',
      message: `The file of ${contract}, or of its kind, can't be read.`,
      contract,
    })),
  };
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
