// Keeps the secret parts of RPC URLs (user, password, path, query, key-like host labels) out of everything people see.

/** What may be shown of an RPC URL: its scheme, host and port, key-like host labels blotted out. */
export function urlLabel(url: URL): string {
  const host = url.hostname.split('.').map(blotLabel).join('.');
  return `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}`;
}

/** Returns a function that blots the secret parts of `urls` out of a text, however they are cased or encoded in it. */
export function scrubber(urls: readonly URL[]): (text: string) => string {
  const secrets = [...new Set(urls.flatMap(secretParts))].sort((a, b) => b.length - a.length);
  return function scrub(text) {
    return secrets.reduce((clean, secret) => blotAll(clean, secret), text);
  };
}

/** A host label may be a key itself (`https://9f3c…d1.rpc.example`): long, with a digit in it. */
function blotLabel(label: string): string {
  return isKeyLike(label) ? '…' : label;
}

function isKeyLike(label: string): boolean {
  return label.length >= 16 && /\d/.test(label);
}

function secretParts(url: URL): string[] {
  const parts = [
    url.username,
    url.password,
    url.pathname,
    url.search,
    ...url.pathname.split('/'),
    ...url.searchParams.values(),
    ...url.hostname.split('.').filter(isKeyLike),
  ];
  // Shorter ones ("v3", "/") are no secrets, and blotting them would make any message unreadable.
  return parts.flatMap((part) => [part, decoded(part)]).filter((part) => part.length >= 6);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function blotAll(text: string, secret: string): string {
  const pattern = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(pattern, 'gi'), '…');
}
