// mooring arena run: the orchestrator.
import { join } from 'node:path';
import { readGate } from '../arena/read-gate.ts';
import type { RoundRecord } from '../arena/round-record.ts';
import { runRounds } from '../arena/run-rounds.ts';
import { type Judgement, moderationOf, seededJudgement } from '../arena/verdict.ts';
import { exitCodes, MooringError } from '../errors.ts';
import { shownNames } from '../format.ts';
import { openFileStore } from '../journal/file-store.ts';
import type { SignerRef } from '../types.ts';
import { toJson } from '../values.ts';
import { askJudge } from './arena/ask-judge.ts';
import { chooseSigner } from './arena/choose-signer.ts';
import { openNotify } from './arena/notify.ts';
import { type OpenedArena, openArena } from './arena/open-arena.ts';
import { holding } from './arena/place.ts';
import { type ArenaSender, openSender } from './arena/sender.ts';
import { type Command, type Context, type Options, text } from './command.ts';
import { stateFolder } from './environment/open.ts';
import { type Log, makeLog } from './log.ts';
import { expandTemplate } from './secrets/secrets.ts';
import { loadSigner } from './secrets/signers.ts';

const mostRounds = 10_000;

export const arenaRun: Command = {
  spec: {
    name: 'arena run',
    summary: 'run rounds of the arena, each once',
    description: [
      'Runs the rounds SEED-1 to SEED-N as an orchestrator: reads EngineTargets and every pause flag before each, starts it, enters students',
      'and validators, closes it, has it judged, and finalises it. Who takes part is in desired-state/<env>/loops/arena.yaml. Nothing new is',
      'started while the arena, the StakeManager, a module or expansions are paused; losses are counted all the same. Validators are slashed',
      'by policy, within its bounds, where the account may. Can be killed at any point and started again: it goes on where it stopped, and',
      'starts and counts no round twice. Keeps scoreboard.json, rounds/, runs/ and orchestrator.ndjson in its folder.',
    ],
    options: {
      rounds: { type: 'string', value: 'N', required: true, description: 'how many rounds of the seed there are to be' },
      seed: { type: 'string', value: 'SEED', required: true, description: 'names the rounds, and decides every choice that is left to chance' },
      signer: { type: 'string', value: 'NAME', description: 'whose key (default: the one at hand that is an orchestrator)' },
      dir: { type: 'string', value: 'DIR', description: 'where its files are (default: storage/orchestrator/<env>)' },
    },
    exits: ['denied', 'indeterminate', 'badInput'],
    examples: ['mooring arena run --env local --rounds 5 --seed week-12', 'mooring arena run --env local --rounds 1 --seed drill --signer orchestrator-a'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const plan = readPlan(options);
  const arena = openArena(context, options);
  const log = await makeLog(context, options);
  try {
    await holding(arena.place, () => runAll({ context, options, arena, log, plan }));
  } finally {
    arena.opened.close();
  }
  return exitCodes.done;
}

function readPlan(options: Options): { seed: string; rounds: number } {
  const [seed, written] = [text(options, 'seed') ?? '', text(options, 'rounds') ?? ''];
  const rounds = /^\d{1,6}$/.test(written) ? Number(written) : 0;
  if (rounds < 1 || rounds > mostRounds) throw new MooringError('USAGE', `--rounds is a whole number from 1 to ${mostRounds}`, { fix: 'write --rounds 5' });
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(seed)) return { seed, rounds };
  throw new MooringError('USAGE', '--seed is up to 64 letters, digits, dots, - and _', { fix: 'write --seed week-12' });
}

type Running = { context: Context; options: Options; arena: OpenedArena; log: Log; plan: { seed: string; rounds: number } };

async function runAll(running: Running): Promise<void> {
  const { context, options, arena, log, plan } = running;
  const { opened, loaded, targets, files } = arena;
  const { environment, addresses } = opened.desired;
  const judge = judgeOf(running);
  const notify = openNotify(opened, context, log);
  const { chain } = opened;
  const ref = await chooseSigner({ signers: environment.signers, env: context.env, given: text(options, 'signer'), chain, arena: targets.arena });
  const sender = await openSenderFor(running, ref);
  try {
    const { settings } = loaded;
    const common = { chain, chainId: environment.chainId, targets, fromBlock: arena.arena.fromBlock, sender, settings, files, notify, now: context.now };
    const names = shownNames(addresses);
    const named = (line: string): string => line.replace(/0x[0-9a-fA-F]{40}/g, (address) => names.get(address) ?? address);
    const json = text(options, 'format') === 'json';
    const print = (line: string, record: RoundRecord): void => context.stdout(json ? `${JSON.stringify(toJson(record))}\n` : `${named(line)}\n`);
    await runRounds({ ...common, judge, policy: moderationOf(settings), print }, plan);
  } finally {
    await sender.close();
  }
}

async function openSenderFor({ context, arena, log }: Running, ref: SignerRef): Promise<ArenaSender> {
  const { opened, targets } = arena;
  const { chain, desired, kinds, root } = opened;
  const signer = await loadSigner(ref, root, context);
  return openSender({
    ...{ chain, signer, kinds, log, environment: desired.environment, contracts: desired.state.contracts, now: context.now },
    journal: openFileStore(join(stateFolder(opened), 'arena', signer.address.toLowerCase())),
    names: shownNames(desired.addresses),
    // A start that was signed and perhaps never sent must not begin a round in the middle of a pause.
    wanted: async (id) => !id.endsWith('/start') || (await readGate(chain, targets)).closed.length === 0,
  });
}

/** Throws ARENA_MISSING for a production environment without a judge: nobody is paid by chance there. */
function judgeOf({ context, arena }: Running): (record: RoundRecord) => Promise<Judgement> {
  const { judge, agents, teachers } = arena.loaded.settings;
  const { production } = arena.opened.desired.environment;
  if (agents.length === 0 || teachers.length === 0 || (judge === null && production))
    throw new MooringError('ARENA_MISSING', judge === null && production ? 'a production environment needs a judge' : 'nobody is named who could take part', {
      fix: `write it into desired-state/${arena.opened.name}/loops/arena.yaml`,
    });
  if (judge === null) return async (record) => seededJudgement(record);
  const url = expandTemplate(judge, context.env, { what: 'the judge’s URL', file: 'loops/arena.yaml' });
  return (record) => askJudge(url, record);
}
