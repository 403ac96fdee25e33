// docs/runbook.md as what is to be done, in order: commands from its code blocks, and what the test does for people meanwhile.

/** `line`: of the file, from 1. */
export type Act =
  | { type: 'heading'; line: number; text: string }
  | { type: 'command'; line: number; words: readonly string[]; exit: number }
  /** Variables that the operator sets. */
  | { type: 'export'; line: number; names: readonly string[] }
  /** `<!-- runbook: WHAT -->`: hidden from readers. */
  | { type: 'direct'; line: number; what: string };

type Line = { text: string; line: number };

/** `<!-- runbook: exit 2 -->` is how the next command ends. Throws where a block has a line that can't be run here. */
export function readRunbook(text: string): Act[] {
  const lines = text.split('\n').map((raw, index): Line => ({ text: raw, line: index + 1 }));
  const acts: Act[] = [];
  let exit = 0;
  for (let at = 0; at < lines.length; at++) {
    const here = lines[at] ?? { text: '', line: 0 };
    if (here.text.startsWith('```')) {
      const end = lines.findIndex(({ text: other }, index) => index > at && other.startsWith('```'));
      if (here.text === '```sh') acts.push(...endWith(actsIn(lines.slice(at + 1, end)), exit));
      if (here.text === '```sh') exit = 0;
      at = end;
      continue;
    }
    const act = outside(here);
    if (act?.type === 'direct' && act.what.startsWith('exit ')) exit = Number(act.what.slice('exit '.length));
    else if (act !== null) acts.push(act);
  }
  return acts;
}

function outside({ text, line }: Line): Act | null {
  const [, what] = /^<!-- runbook: (.*) -->$/.exec(text) ?? [];
  if (what !== undefined) return { type: 'direct', line, what };
  return /^##? /.test(text) ? { type: 'heading', line, text: text.replace(/^#+ /, '') } : null;
}

/** The first command of a block. */
function endWith(acts: readonly Act[], exit: number): Act[] {
  const first = acts.findIndex(({ type }) => type === 'command');
  return acts.map((act, index) => (act.type === 'command' && index === first ? { ...act, exit } : act));
}

/** Lines that end with a backslash go on. */
function actsIn(lines: readonly Line[]): Act[] {
  const whole: Line[] = [];
  let open: Line | null = null;
  for (const { text, line } of lines) {
    const joined: Line = open === null ? { text: text.trim(), line } : { text: `${open.text} ${text.trim()}`, line: open.line };
    open = joined.text.endsWith('\\') ? { ...joined, text: joined.text.slice(0, -1).trimEnd() } : null;
    if (open === null) whole.push(joined);
  }
  return whole.flatMap(({ text, line }) => actIn({ text: text.replace(/(^|\s)# .*$/, '').trim(), line }));
}

function actIn({ text, line }: Line): Act[] {
  if (text === '') return [];
  if (!text.startsWith('export ')) return [{ type: 'command', line, words: wordsIn(text, line), exit: 0 }];
  return [{ type: 'export', line, names: [...text.matchAll(/(\w+)=/g)].map(([, name]) => name ?? '') }];
}

/** Words of a shell line: quotes, no expansion. */
function wordsIn(command: string, line: number): string[] {
  const words = [...command.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  if (words[0] !== 'mooring') throw new Error(`docs/runbook.md:${line}: only mooring's own commands can be run here, not "${words[0]}"`);
  return words.slice(1);
}
