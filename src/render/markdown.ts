// Markdown that stays Markdown whatever a chain or a YAML file puts into it. Pure.

/** Text from outside as inline code: no HTML, no mention, no link, no table break, no line break. */
export function code(text: string): string {
  const flat = flatten(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') || flat === '' ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}

/** Text from outside as prose: every character that could start markup, HTML, a mention or a link is taken out of service. */
export function prose(text: string): string {
  return flatten(text)
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replace(/:\/\//g, ':\u200b//');
}

/** A fence longer than any inside. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map((run) => run[0].length)));
  const fence = '`'.repeat(longest + 1);
  return [fence + language, ...lines.map(flatten), fence];
}

function flatten(text: string): string {
  // Control and bidirectional-override characters can hide or reorder what a reviewer sees.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
}
