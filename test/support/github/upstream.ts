// The emulator behind the tests' GitHub: started, asked, and its answers dressed as GitHub's.
import { createEmulator } from 'emulate';
import { iso, type Stamps } from './clock.ts';
import { type Answer, type Fields, isFields, loginOf } from './exchange.ts';
import { apps, host, owner, repo, seedOf, teams, tokenOf } from './people.ts';

export type Upstream = {
  /** Without a token: as the host itself. */
  send(method: string, path: string, token?: string, body?: unknown): Promise<Answer>;
  /** All items of a list, over all its pages; a failure as its answer. */
  all(path: string, token?: string): Promise<Fields[] | Answer>;
  close(): Promise<void>;
};

/** SIDE EFFECTS: a listening server in this process, until `close`. */
export async function startUpstream({ privateKey, stamps, apiUrl }: { privateKey: string; stamps: Stamps; apiUrl: string }): Promise<Upstream> {
  const emulator = await createEmulator({ service: 'github', port: 0, seed: seedOf(privateKey) });
  const address = `http://127.0.0.1:${new URL(emulator.url).port}`;
  await makeTeams(address);
  const dress = makeDresser({ emulatorUrl: emulator.url, apiUrl, stamps });
  async function send(method: string, path: string, token = tokenOf(host), body?: unknown): Promise<Answer> {
    const headers = headersOf(token);
    const response = await fetch(`${address}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, ...(text === '' ? {} : { body: dress(JSON.parse(text)) }) };
  }
  return { send, all: (path, token) => allPages(send, path, token), close: () => emulator.close() };
}

function headersOf(token: string): Record<string, string> {
  // Kept connections may be closed by the emulator while git, or the machine, holds up this process.
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' };
}

/** The emulator's seed has none. */
async function makeTeams(address: string): Promise<void> {
  const headers = headersOf(tokenOf(host));
  async function write(method: string, path: string, body: object): Promise<void> {
    const response = await fetch(`${address}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  }
  for (const [slug, members] of Object.entries(teams)) {
    await write('POST', `/orgs/${owner}/teams`, { name: slug, permission: 'push' });
    await write('PUT', `/orgs/${owner}/teams/${slug}/repos/${repo}`, {});
    for (const member of members) await write('PUT', `/orgs/${owner}/teams/${slug}/memberships/${member}`, { role: 'member' });
  }
}

async function allPages(send: Upstream['send'], path: string, token?: string): Promise<Fields[] | Answer> {
  const items: Fields[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await send('GET', `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`, token);
    if (!Array.isArray(answer.body)) return answer;
    const known = new Set(items.map((item) => item['node_id'] ?? item['id']));
    const fresh = (answer.body as Fields[]).filter((item) => !known.has(item['node_id'] ?? item['id']));
    items.push(...fresh);
    // Some of the emulator's lists know no pages and come again and again.
    if (answer.body.length < 100 || fresh.length === 0) return items;
  }
}

const webPages = new Set(['html_url', 'diff_url', 'patch_url']);

function makeDresser({ emulatorUrl, apiUrl, stamps }: { emulatorUrl: string; apiUrl: string; stamps: Stamps }): (value: unknown) => unknown {
  function text(key: string, value: string): string {
    if (key.endsWith('_at')) return iso(Date.parse(value));
    if (!value.startsWith(emulatorUrl)) return value;
    return (webPages.has(key) ? 'https://github.com' : apiUrl) + value.slice(emulatorUrl.length);
  }
  function dress(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return text(key, value);
    if (Array.isArray(value)) return value.map((item) => dress(item));
    if (!isFields(value)) return value;
    const dressed = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, dress(field, name)]));
    return corrected(stamps.apply(dressed));
  }
  return (value) => dress(value);
}

function corrected(result: Fields): Fields {
  if ('type' in result && loginOf(result).endsWith('[bot]')) result['type'] = 'Bot';
  if ('performed_via_github_app' in result) result['performed_via_github_app'] = appBehind(loginOf(result['user']));
  // GitHub's reviews have one time only.
  if ('submitted_at' in result) return without(result, 'created_at', 'updated_at');
  return result;
}

function appBehind(login: string): Fields | null {
  const app = Object.values(apps).find((candidate) => `${candidate.slug}[bot]` === login);
  return app ? { id: app.id, slug: app.slug, name: app.name } : null;
}

export function without(value: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
