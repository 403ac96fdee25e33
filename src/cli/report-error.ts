// An error as text or JSON, and its exit code. Secrets are taken out here, whatever an error carries.
import { codes, exitCodes, MooringError } from '../errors.ts';
import { findingsText } from '../render/finding-text.ts';
import type { Lexicon } from '../render/lexicon.ts';
import { toJson } from '../values.ts';
import { type Context, flag, type Options, text } from './command.ts';
import { excerptFrom, findRootQuietly } from './environment/find-root.ts';
import { redact } from './secrets/secrets.ts';

/** SIDE EFFECTS: prints. Returns the exit code. */
export function reportError(error: unknown, context: Context, options: Options): number {
  const known = error instanceof MooringError ? error : internal(error);
  if (text(options, 'format') === 'json') {
    const { code, message, fix, source, findings } = known;
    context.stdout(
      redact(
        `${JSON.stringify(toJson({ error: { code, title: codes[code].title, message, fix: fix ?? null, source: source ?? null, findings } }), null, 2)}\n`,
        context.env,
      ),
    );
  } else {
    context.stderr(redact(errorText(known, context, options), context.env));
  }
  return known instanceof MooringError ? known.exitCode : exitCodes.failure;
}

function errorText(error: MooringError, context: Context, options: Options): string {
  const lexicon: Lexicon = { names: new Map(), tokens: new Map(), explorer: null, colour: context.colour, verbose: flag(options, 'verbose') };
  const place = error.source === undefined ? '' : `${error.source.file}:${error.source.line}:${error.source.column}: `;
  const head = `mooring: ${place}${error.code}: ${error.message}\n${error.fix === undefined ? '' : `  fix: ${error.fix}\n`}`;
  const root = findRootQuietly(context, options);
  const list = error.findings.length === 0 ? '' : `\n${findingsText(error.findings, lexicon, excerptFrom(root))}`;
  const stack = error.code === 'INTERNAL' && flag(options, 'verbose') && error.cause instanceof Error ? `${error.cause.stack ?? ''}\n` : '';
  return head + list + stack;
}

function internal(error: unknown): MooringError {
  const message = error instanceof Error ? error.message : String(error);
  return new MooringError('INTERNAL', message, {
    cause: error,
    fix: 'nothing more was sent after this point; run the command again with --verbose and report what it prints',
  });
}
