// References to secrets: names of environment variables and URL templates. A secret itself is refused and never repeated.

import type { Code } from '../errors.ts';
import { readText } from './read-node.ts';
import { quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

/** Whether a value looks like a private key; then it is a finding that doesn't show it. SIDE EFFECTS: adds a finding. */
export function looksSecret(reading: Reading, node: YamlNode & { type: 'text' }): boolean {
  if (!/(^|[^0-9a-fA-F])(0x)?[0-9a-fA-F]{64}($|[^0-9a-fA-F])/.test(node.text) && node.text.trim().split(/\s+/).length < 12) return false;
  report(reading, {
    code: 'SECRET_IN_FILE',
    at: node,
    message: 'this looks like a private key',
    fix: 'treat the key as known to others, replace it, and write the name of an environment variable here',
  });
  return true;
}

/** The name of an environment variable. */
export function readVariable(reading: Reading, node: YamlNode): string | null {
  if (node.type === 'text' && looksSecret(reading, node)) return null;
  const text = readText(reading, node, "an environment variable's name", 100);
  if (text === null || /^(?!(true|false)$)[A-Za-z_][A-Za-z0-9_]*$/i.test(text)) return text;
  report(reading, {
    code: 'VALUE_NOT_ALLOWED',
    at: node,
    message: `found ${quoteShort(text)}, expected an environment variable's name`,
    fix: 'write the name alone, without $ or braces',
  });
  return null;
}

/** Which secrets may go into a URL, by their variables' names. */
type TemplateFor = { what: string; code: Code; variables: { match: RegExp; fix: string } };

const forRpc: TemplateFor = {
  what: 'an RPC URL',
  code: 'RPC_URL',
  variables: { match: /RPC/i, fix: 'use a variable with RPC in its name, such as `MAINNET_RPC_KEY`: no other secret is ever sent to a node' },
};

/** An http(s) URL in which `${VARIABLE}` stands for a secret part, or a variable for all of it. */
export function readTemplate(reading: Reading, node: YamlNode, { what, code, variables }: TemplateFor = forRpc): string | null {
  if (node.type === 'text' && looksSecret(reading, node)) return null;
  const text = readText(reading, node, what);
  if (text === null) return null;
  const strange = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name = '']) => name).find((name) => !variables.match.test(name));
  if (strange !== undefined) {
    // Whatever the process has in its environment would be sent to whoever the URL names: signing keys and tokens, too.
    report(reading, {
      code: 'URL_VARIABLE',
      at: node,
      message: `${what} can't take the variable ${strange}`,
      fix: variables.fix,
    });
    return null;
  }
  const filled = text.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, (_, offset: number) => (offset === 0 ? 'http://variable' : 'variable'));
  const url = URL.canParse(filled) && !/[\s<>"`{}$]/.test(filled) ? new URL(filled) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    report(reading, { code, at: node, message: 'this is not an http or https URL', fix: 'write a URL, with `${VARIABLE}` for its secret parts' });
    return null;
  }
  if (/[A-Za-z0-9_-]{32,}/.test(url.pathname + url.search + url.username)) {
    report(reading, {
      code: 'SECRET_IN_FILE',
      severity: 'warning',
      at: node,
      message: 'a part of the URL looks like an API key',
      fix: 'write `${VARIABLE}` in its place',
    });
  }
  if (url.password === '' || url.password === 'variable') return text;
  report(reading, { code: 'SECRET_IN_FILE', at: node, message: 'the URL holds a password', fix: 'replace the password, and write `${VARIABLE}` in its place' });
  return null;
}
