// Markdown that stays Markdown whatever a chain or a YAML file puts into it. Pure.

/** Text from outside as inline code: no HTML, no mention, no link, no table break, no line break. */
export function code(text: string): string {
  const flat = flatten(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') || flat === '' ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}

/**
 * Text from outside as prose: every character that could start markup, HTML, a formula, a mention or a link is taken out of
 * service. GitHub looks for mentions, numbers of issues and addresses in the finished text, where an escape has gone: there
 * they are broken by a character without width.
 */
export function prose(text: string): string {
  return (
    flatten(text)
      .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[@#]|GH-(?=\d)|www(?=\.)/gi, '$&\u200b')
      .replace(/:\/\//g, ':\u200b//')
      // As GitHub's manual says: an escape doesn't help against formulas.
      .replaceAll('$', () => '<span>$</span>')
  );
}

/** A fence longer than any inside. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map((run) => run[0].length)));
  const fence = '`'.repeat(longest + 1);
  return [fence + language, ...lines.map(flatten), fence];
}

function flatten(text: string): string {
  // Characters that control, reorder or aren't seen can hide from a reviewer what there is.
  return text.replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, ' ');
}
