// mooring arena reconcile: the scoreboard's slashes, from the chain.
import { reconcile } from '../arena/run-rounds.ts';
import { exitCodes } from '../errors.ts';
import { shownNames } from '../format.ts';
import { openArena } from './arena/open-arena.ts';
import { holding } from './arena/place.ts';
import { type Command, type Context, type Options, text } from './command.ts';

export const arenaReconcile: Command = {
  spec: {
    name: 'arena reconcile',
    summary: 'take the slashes of the scoreboard from the chain',
    description: [
      'Counts the ValidatorMisconduct events of the arena since its first block, whoever reported them, and puts the numbers into the',
      'scoreboard. Done again it changes nothing. A history that can not be read whole changes nothing either. Run it after every slash,',
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
    const changes = await holding(place, () => reconcile({ chain: opened.chain, fromBlock: arena.fromBlock, files, targets, now: context.now }));
    const names = shownNames(opened.desired.addresses);
    const lines = changes.map(({ agent, from, to }) => `${names.get(agent) ?? agent}: ${from} → ${to} slashes`);
    const all = lines.length === 0 ? ['the scoreboard has the slashes of the chain'] : lines;
    context.stdout(text(options, 'format') === 'json' ? `${JSON.stringify({ changes }, null, 2)}\n` : `${all.join('\n')}\n`);
    return exitCodes.done;
  } finally {
    opened.close();
  }
}
