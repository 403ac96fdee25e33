// `thermostat watch --propose`: tuning flags as a pull request that makes them the declared ones.
import { editDocument } from '../../desired/edit/edit.ts';
import type { FileSource } from '../../desired/file-source.ts';
import { loadThermostat } from '../../desired/loops/load-thermostat.ts';
import { exitCodes, MooringError } from '../../errors.ts';
import { settingsDefaults } from '../../loops/thermostat/settings.ts';
import type { Context, Options } from '../command.ts';
import { editField, targetOf, textOf } from '../propose/files.ts';
import { changeOf, openProposal, proposalBranch, showDraft } from '../propose/open-proposal.ts';
import { type Started, start } from '../propose/start.ts';
import { engineFields } from './engine-values.ts';
import { fileKeys } from './settings.ts';
import { flagOf, type TuningFlags, tuningKeys } from './tuning-flags.ts';

/** Opens or updates the pull request. Throws USAGE without a flag, NOTHING_TO_PROPOSE. SIDE EFFECTS: the remote, GitHub. */
export async function proposeSettings(context: Context, options: Options, flags: TuningFlags): Promise<number> {
  const given = tuningKeys.filter((key) => flags[key] !== undefined);
  if (given.length === 0) throw new MooringError('USAGE', '--propose needs a setting to propose', { fix: 'as in --target-roi 2.2 --propose' });
  const started = await start(context, options, []);
  const draft = { ...started.draft, edited: new Map<string, string>() };
  editFiles(
    draft,
    given.map((key) => ({ key, text: decimal(flags[key] ?? 0) })),
  );
  const change = changeOf(draft);
  checkSettings(draft, change.after);
  await showDraft(started, draft, change);
  const names = given.map(flagOf).join(', ');
  const pull = await openProposal(await started.repository(), draft, {
    branch: proposalBranch(draft.environment, 'thermostat-settings', ['settings']),
    base: started.base,
    title: `Set the thermostat's ${names} (${draft.environment})`,
    reason: `Asked for on the command line: ${given.map((key) => `${flagOf(key)} ${flags[key]}`).join(', ')}.`,
  });
  context.stdout(`\n#${pull.number} ${pull.title}: ${pull.url}\n`);
  return exitCodes.done;
}

/** Throws INPUT_INVALID where the settings would not go together. */
function checkSettings({ environment, loaded }: Started['draft'], source: FileSource): void {
  const { contracts } = loaded.desired.state;
  loadThermostat({ source, environment, contracts, kinds: loaded.kinds, tokens: loaded.desired.environment.tokens, defaults: settingsDefaults });
}

type Given = { key: (typeof tuningKeys)[number]; text: string };

/** Targets belong to EngineTargets, the rest to the thermostat's file. SIDE EFFECTS: the draft. */
function editFiles(draft: Started['draft'], given: readonly Given[]): void {
  const { environment, source, loaded } = draft;
  const { contracts } = loaded.desired.state;
  const { engine } = loadThermostat({
    source,
    environment,
    contracts,
    kinds: loaded.kinds,
    tokens: loaded.desired.environment.tokens,
    defaults: settingsDefaults,
  }).settings;
  const file = `desired-state/${environment}/loops/thermostat.yaml`;
  for (const { key, text } of given) {
    const target = engineFields.find((field) => field === key);
    if (target !== undefined) {
      if (engine === null) throw new MooringError('CONTRACT_UNKNOWN', `${environment} declares no EngineTargets that ${flagOf(key)} could be set on`);
      editField(draft, targetOf(draft, engine), { path: target, write: text });
      continue;
    }
    const before = textOf(draft, file) ?? 'apiVersion: mooring/v1\nkind: Thermostat\n';
    draft.edited.set(file, editDocument(before, [{ path: [fileKeys[key as keyof typeof fileKeys]], set: text }]));
  }
}

/** Without an exponent. */
function decimal(value: number): string {
  const text = value.toFixed(12).replace(/\.?0+$/, '');
  return text === '' || text === '-' ? '0' : text;
}
