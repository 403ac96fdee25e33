// mooring incident pause: break-glass, from a key that may only pause.
import { exitCodes, MooringError } from '../errors.ts';
import { shownNames } from '../format.ts';
import { nameAddresses } from '../render/lexicon.ts';
import { type PauseView, pauseText } from '../render/pause-text.ts';
import { toJson } from '../values.ts';
import { type Command, type Context, flag, type Options, text } from './command.ts';
import { makeLog } from './log.ts';
import { chooseSigner } from './pause/choose-signer.ts';
import { chooseTargets } from './pause/choose-targets.ts';
import { openOutline } from './pause/open-outline.ts';
import { openPause } from './pause/open-pause.ts';
import { checkKey, loadSigner } from './secrets/signers.ts';

export const incidentPause: Command = {
  spec: {
    name: 'incident pause',
    summary: 'pause contracts at once, without plan, approval or GitHub',
    description: [
      'Pauses everything that can be paused, or the named components, by whatever routes work for who owns what now: directly, through a',
      'PauseGuard, through SystemPause. Needs one RPC that answers and one key; a file of another contract may be broken. Each transaction is',
      'recorded under .mooring/ before it is sent; the command can be killed at any point and started again, and pauses nothing twice.',
      'What could not be paused is named, with who can. It signs nothing but pauses.',
    ],
    options: {
      components: { type: 'string', value: 'LIST', description: 'contracts, by name or address, with commas between them (default: all that can be paused)' },
      kind: { type: 'string', value: 'KIND', description: 'the kind of components that no file declares' },
      signer: { type: 'string', value: 'NAME', description: 'whose key (default: loops.sentinel.pauseSigner of policy.yaml, else the key at hand that can)' },
      'dry-run': { type: 'boolean', description: 'try each call out on the chain, and send nothing; needs no key' },
      drill: { type: 'boolean', description: 'the same, for every night: exits 2 where a pause would not work today' },
    },
    exits: ['changes', 'indeterminate', 'badInput'],
    examples: [
      'mooring incident pause --env local',
      'mooring incident pause --env local --components arena,stake-manager --signer guardian',
      'mooring incident pause --env local --drill',
    ],
  },
  run,
};

/** Null where none are named, which is all. Throws USAGE: an empty name is a variable that isn't set, and must not pause nothing. */
function componentsIn(options: Options): string[] | null {
  const given = text(options, 'components');
  const words = given?.split(',').map((word) => word.trim()) ?? null;
  if (words?.includes(''))
    throw new MooringError('USAGE', `--components "${given}" has an empty name; nothing was sent`, {
      fix: 'name each component, as in --components arena,stake-manager; or leave it out to pause everything',
    });
  return words;
}

async function run(context: Context, options: Options): Promise<number> {
  const { root, name, outline } = openOutline(context, options);
  const mode = flag(options, 'drill') ? 'drill' : flag(options, 'dry-run') ? 'dry-run' : 'pause';
  const names = shownNames(outline.addresses);
  const tell = await makeLog(context, options);
  const log: typeof tell = (message, data) => tell(nameAddresses(message, { names }), data);
  for (const { message, source } of outline.findings) log(`not needed for this, but wrong: ${source?.file}:${source?.line}: ${message}`);
  const written = componentsIn(options);
  const { targets, unreadable } = chooseTargets(outline, { written, kind: text(options, 'kind') });
  const pausing = openPause({ outline, root, context, log });
  try {
    const rehearse = (signer: { address: string }) => pausing.rehearse(signer.address, targets);
    const signer = await chooseSigner({ outline, env: context.env, given: text(options, 'signer'), keyless: mode !== 'pause', rehearse });
    const meant = text(options, 'signer') === undefined ? outline.pauseSigner : null;
    if (meant !== null && signer.name !== meant) log(`the key of ${meant}, whom policy.yaml names, is not at hand: this is as ${signer.name}`);
    const report = mode === 'pause' ? await pausing.pause(await loadSigner(signer, root, context), targets) : await rehearse(signer);
    const view: PauseView = {
      environment: name,
      chainId: outline.environment.chainId,
      report,
      unreadable,
      mode,
      key: mode === 'pause' ? null : await checkKey(signer, root, context),
      hasRepository: (context.env['GITHUB_REPOSITORY'] ?? '') !== '',
    };
    print({ context, options, view, explorer: outline.environment.explorer, names });
    return exitOf(view);
  } finally {
    pausing.close();
  }
}

type Printing = { context: Context; options: Options; view: PauseView; explorer: string | null; names: ReadonlyMap<string, string> };

function print({ context, options, view, explorer, names }: Printing): void {
  const { environment, chainId, unreadable, report, key } = view;
  if (text(options, 'format') === 'json') {
    const { run: id, signer, rows } = report;
    context.stdout(`${JSON.stringify(toJson({ environment, chainId, signer, key, run: id, rows, unreadable }), null, 2)}\n`);
    return;
  }
  context.stdout(pauseText(view, { names, tokens: new Map(), explorer, colour: context.colour, verbose: flag(options, 'verbose') }));
}

function exitOf({ report, unreadable, mode, key }: PauseView): number {
  const good =
    key?.state !== 'wrong' && unreadable.length === 0 && report.rows.every(({ state }) => state === 'paused' || state === 'already' || state === 'ready');
  if (good) return exitCodes.done;
  return mode === 'drill' ? exitCodes.changes : exitCodes.failure;
}
