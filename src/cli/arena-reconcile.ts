// mooring arena reconcile: what the scoreboard lacks, from the records of rounds and from the chain.
import { reconcile, recountRounds } from '../arena/run-rounds.ts';
import { exitCodes } from '../errors.ts';
import { shownNames } from '../format.ts';
import { openArena } from './arena/open-arena.ts';
import { holding } from './arena/place.ts';
import { type Command, type Context, type Options, text } from './command.ts';

export const arenaReconcile: Command = {
  spec: {
    name: 'arena reconcile',
    summary: 'put the scoreboard right: slashes from the chain, rounds from their records',
    description: [
      'Counts the ValidatorMisconduct events of the arena since its first block, whoever reported them, and puts the numbers into the',
      'scoreboard. Rounds that have ended and that the scoreboard lacks, since an older copy was put in its place, are counted from their',
      'records. Done again it changes nothing. A history that can not be read whole changes no slashes. Run it after every slash,',
      'and before mooring rewards.',
    ],
    options: { dir: { type: 'string', value: 'DIR', description: 'where the scoreboard is (default: storage/orchestrator/<env>)' } },
    exits: ['indeterminate', 'badInput'],
    examples: ['mooring arena reconcile --env local'],
  },
  run,
};

async function run(context: Context, options: Options): Promise<number> {
  const { opened, arena, files, place, targets } = openArena(context, options);
  try {
    const { chainId } = opened.desired.environment;
    const { recounted, changes } = await holding(place, async () => ({
      recounted: recountRounds({ files, targets, chainId, now: context.now }),
      changes: await reconcile({ chain: opened.chain, fromBlock: arena.fromBlock, files, targets, now: context.now }),
    }));
    const names = shownNames(opened.desired.addresses);
    const lines = [
      ...recounted.map((round) => `round ${round}: counted again, the scoreboard lacked it`),
      ...changes.map(({ agent, from, to }) => `${names.get(agent) ?? agent}: ${from} → ${to} slashes`),
    ];
    const all = lines.length === 0 ? ['the scoreboard has all rounds, and the slashes of the chain'] : lines;
    context.stdout(text(options, 'format') === 'json' ? `${JSON.stringify({ recounted, changes }, null, 2)}\n` : `${all.join('\n')}\n`);
    return exitCodes.done;
  } finally {
    opened.close();
  }
}
