// The last look before an act is signed: no event since the plan was made may be this act. Reads only.
import { actMarker } from '../acts.ts';
import type { Code } from '../errors.ts';
import { decodeSlash, slashEvent } from '../kinds/slashes.ts';
import type { BlockRef, Condition, Finding, Plan, Step } from '../types.ts';
import type { Session } from './session.ts';

/** A reorg since then may have put an event into a block before the plan's. */
const lookBack = 64n;

type Looking = { steps: readonly Step[]; plan: Pick<Plan, 'block'>; head: BlockRef };

/** PRECONDITION_MOVED for each act that is done by now, whoever did it. Throws RPC_*, LOGS_INCOMPLETE, ABI_DECODE. */
export async function actsDoneSince(session: Session, { steps, plan, head }: Looking): Promise<Finding[]> {
  const acts = steps.flatMap((step) => step.precondition.filter(isUndoneAct));
  const found = await Promise.all(acts.map((condition) => doneSince(session, condition, { plan, head })));
  return found.flat();
}

function isUndoneAct({ field, member, value }: Condition): boolean {
  return field === 'acts' && member !== undefined && value?.type === 'scalar' && value.value === false;
}

async function doneSince(session: Session, { contract: name, field, member = '' }: Condition, { plan, head }: Omit<Looking, 'steps'>): Promise<Finding[]> {
  const contract = session.contracts.find((one) => one.name === name);
  const kind = contract === undefined ? undefined : session.kinds.get(contract.kind);
  const event = kind === undefined ? null : slashEvent(kind);
  if (contract === undefined || event === null) return [];
  const fromBlock = plan.block.number > lookBack ? plan.block.number - lookBack : 0n;
  const logs = await session.chain.logs({ address: contract.address, topics: [event.topic], fromBlock, toBlock: head.number, toHash: head.hash });
  const marker = actMarker(session.environment.name, member);
  return logs
    .filter((log) => decodeSlash(event, log).reason.endsWith(marker))
    .map((log) => ({
      code: 'PRECONDITION_MOVED' satisfies Code,
      severity: 'error',
      message: `${name}.${field}[${member}] has been done meanwhile, in ${log.transactionHash}; it is not done twice`,
      contract: name,
      field,
    }));
}
