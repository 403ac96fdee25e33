// Tells by a request's credentials who asks. The emulator takes any token for its first user; GitHub answers 401.
import { createPublicKey, sign, verify } from 'node:crypto';
import type { Actor } from './exchange.ts';
import { type App, apps, people, tokenOf } from './people.ts';

export type Keyring = {
  /** null: not known, expired or forged. */
  identify(authorization: string): Actor | null;
  /** An installation's token that GitHub has handed out; the time is in ms. */
  learn(token: string, app: App, permissions: Readonly<Record<string, string>>, until: number): void;
};

type Claims = { iss?: unknown; iat?: unknown; exp?: unknown };

/** What GitHub allows a JSON web token to live, s. */
const longestLife = 600;

export function makeKeyring(privateKey: string): Keyring {
  const known = new Map<string, { actor: Actor; until: number }>();
  for (const login of people) known.set(tokenOf(login), { actor: personOf(login), until: Number.POSITIVE_INFINITY });
  return {
    identify(authorization) {
      const token = /^(?:bearer|token) +(\S+)$/i.exec(authorization)?.[1] ?? '';
      if (token.startsWith('eyJ')) return readWebToken(token, privateKey);
      const found = known.get(token);
      return found && found.until > Date.now() ? found.actor : null;
    },
    learn(token, app, permissions, until) {
      known.set(token, { actor: { kind: 'installation', login: `${app.slug}[bot]`, token, app, permissions }, until });
    },
  };
}

function personOf(login: string): Actor {
  return { kind: 'person', login, token: tokenOf(login), app: null, permissions: {} };
}

function readWebToken(token: string, privateKey: string): Actor | null {
  const [head = '', claims = '', signature = ''] = token.split('.');
  if (!verify('sha256', Buffer.from(`${head}.${claims}`), createPublicKey(privateKey), Buffer.from(signature, 'base64url'))) return null;
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims;
  const app = Object.values(apps).find((candidate) => String(candidate.id) === String(iss));
  const now = Date.now() / 1000;
  if (!app || typeof iat !== 'number' || typeof exp !== 'number' || iat > now + 60 || exp <= now || exp > now + longestLife) return null;
  return { kind: 'jwt', login: app.slug, token, app, permissions: app.permissions };
}

/** What an App with its private key authenticates itself with. */
export function webToken(app: App, privateKey: string): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: 'RS256', typ: 'JWT' },
    { iss: String(app.id), iat: now - 60, exp: now + 300 },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${parts.join('.')}.${sign('sha256', Buffer.from(parts.join('.')), privateKey).toString('base64url')}`;
}
