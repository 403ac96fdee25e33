// The arena's functions and events that rounds need, beyond what its kind manages. Pure.
import { type AbiValue, decodeEvent, decodeResult, encodeCall, parseEvent, parseFunction } from '../kinds/abi.ts';
import type { AbiFunction } from '../kinds/kind.ts';
import type { ArenaEntrant } from '../loop-types.ts';
import type { Address, Hex, Log } from '../types.ts';
import type { RoundRecord } from './round-record.ts';

const entry = '(uint256 roundId, uint256 jobId, address account, string subdomain, bytes32[] proof)';
const functions = {
  startRound: parseFunction(
    'function startRound(uint32 difficulty, uint256 teacherJobId, address teacher, string subdomain, bytes32[] proof) returns (uint256)',
  ),
  registerStudentJob: parseFunction(`function registerStudentJob${entry}`),
  registerValidatorJob: parseFunction(`function registerValidatorJob${entry}`),
  closeRound: parseFunction('function closeRound(uint256 roundId)'),
  finaliseRound: parseFunction('function finaliseRound(uint256 roundId, address[] winners, int32 difficultyDelta)'),
  reportValidatorMisconduct: parseFunction(
    'function reportValidatorMisconduct(uint256 roundId, address validator, uint256 amount, address recipient, string reason)',
  ),
  getRound: parseFunction(
    'function getRound(uint256 roundId) view returns ((uint32 difficulty, int32 difficultyDelta, uint64 startedAt, uint64 closedAt, bool finalised, uint256 teacherJobId, address teacher, uint256[] studentJobIds, address[] students, uint256[] validatorJobIds, address[] validators, address[] winners) round)',
  ),
} satisfies Record<string, AbiFunction>;

export const roundStarted = parseEvent(
  'event RoundStarted(uint256 indexed roundId, uint32 difficulty, uint256 indexed teacherJobId, address indexed teacher, string teacherSubdomain)',
);
export const rewardsDistributed = parseEvent(
  'event RewardsDistributed(uint256 indexed roundId, uint256 teacherReward, uint256 studentRewardTotal, uint256 validatorRewardTotal)',
);
export const validatorMisconduct = parseEvent(
  'event ValidatorMisconduct(uint256 indexed roundId, address indexed validator, uint256 amount, address indexed recipient, string reason)',
);

export function startData({ difficulty, teacher }: Pick<RoundRecord, 'difficulty' | 'teacher'>): Hex {
  return encodeCall(functions.startRound, [BigInt(difficulty), teacher.job, teacher.address, teacher.subdomain, [...teacher.proof]]);
}

export function entryData(role: 'student' | 'validator', roundId: bigint, { job, address, subdomain, proof }: ArenaEntrant): Hex {
  return encodeCall(role === 'student' ? functions.registerStudentJob : functions.registerValidatorJob, [roundId, job, address, subdomain, [...proof]]);
}

export function closeData(roundId: bigint): Hex {
  return encodeCall(functions.closeRound, [roundId]);
}

export function finaliseData(roundId: bigint, winners: readonly Address[], difficultyDelta: number): Hex {
  return encodeCall(functions.finaliseRound, [roundId, [...winners], BigInt(difficultyDelta)]);
}

export type Misconduct = { roundId: bigint; validator: Address; amount: bigint; recipient: Address; reason: string };

export function misconductData({ roundId, validator, amount, recipient, reason }: Misconduct): Hex {
  return encodeCall(functions.reportValidatorMisconduct, [roundId, validator, amount, recipient, reason]);
}

export function getRoundData(roundId: bigint): Hex {
  return encodeCall(functions.getRound, [roundId]);
}

/** `closedAt` in seconds since the epoch, 0 while it is open. */
export type RoundOnChain = {
  difficulty: bigint;
  closedAt: bigint;
  finalised: boolean;
  teacherJobId: bigint;
  teacher: Address;
  students: readonly Address[];
  validators: readonly Address[];
  winners: readonly Address[];
};

/** Throws ABI_DECODE. */
export function decodeRound(data: Hex): RoundOnChain {
  const round = decodeResult(functions.getRound, data)[0] as AbiValue[];
  const [difficulty, , , closedAt, finalised, teacherJobId, teacher, , students, , validators, winners] = round as [
    ...[bigint, bigint, bigint, bigint, boolean, bigint, Address],
    ...[bigint[], Address[], bigint[], Address[], Address[]],
  ];
  return { difficulty, closedAt, finalised, teacherJobId, teacher, students, validators, winners };
}

/** The id of the round that a transaction's logs show as started at `arena`, or null. */
export function startedIn(logs: readonly Log[], arena: Address): bigint | null {
  const found = eventIn(logs, arena, roundStarted);
  return found === null ? null : (found['roundId'] as bigint);
}

/** What a transaction's logs show as paid, by address: students and validators share theirs evenly. */
export function payoutsIn(logs: readonly Log[], arena: Address, round: Pick<RoundOnChain, 'teacher' | 'winners' | 'validators'>): Record<Address, bigint> {
  const found = eventIn(logs, arena, rewardsDistributed);
  if (found === null) return {};
  const paid = new Map<Address, bigint>();
  const add = (accounts: readonly Address[], total: AbiValue | undefined): void => {
    for (const account of accounts) paid.set(account, (paid.get(account) ?? 0n) + (total as bigint) / BigInt(accounts.length));
  };
  add([round.teacher], found['teacherReward']);
  add(round.winners, found['studentRewardTotal']);
  add(round.validators, found['validatorRewardTotal']);
  return Object.fromEntries(paid);
}

function eventIn(logs: readonly Log[], arena: Address, event: typeof roundStarted): Record<string, AbiValue> | null {
  const log = logs.find(({ address, topics }) => address.toLowerCase() === arena.toLowerCase() && topics[0] === event.topic);
  return log === undefined ? null : decodeEvent(event, log);
}
