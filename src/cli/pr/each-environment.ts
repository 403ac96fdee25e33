// The same for several environments: what goes wrong with one keeps no other from its turn.
import { exitCodes, MooringError } from '../../errors.ts';
import type { Context } from '../command.ts';

/** Exit code of the first that wasn't done. One alone fails as any command does. SIDE EFFECTS: prints what failed. */
export async function eachEnvironment(context: Pick<Context, 'stdout'>, names: readonly string[], work: (name: string) => Promise<number>): Promise<number> {
  const codes: number[] = [];
  for (const name of names) {
    try {
      codes.push(await work(name));
    } catch (error) {
      if (names.length === 1 || !(error instanceof MooringError)) throw error;
      const fix = error.fix === undefined ? '' : `\n  ${error.fix}`;
      context.stdout(`${name}: ${error.code} ${error.message}${fix}\n`);
      codes.push(error.exitCode);
    }
  }
  return codes.find((code) => code !== exitCodes.done) ?? exitCodes.done;
}
