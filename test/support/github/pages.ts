// GitHub's pages: 30 items unless asked for more, 100 at most, and a `link` header that leads on.
import type { Answer, Exchange, Fields } from './exchange.ts';

/** The asked page of a list. `wrap` makes the body of it where that is no bare array. */
export function paged(exchange: Exchange, items: readonly unknown[], wrap?: (items: readonly unknown[], total: number) => Fields): Answer {
  const size = Math.min(100, positive(exchange.query.get('per_page'), 30));
  const page = positive(exchange.query.get('page'), 1);
  const shown = items.slice((page - 1) * size, page * size);
  const link = linkHeader(exchange, page, Math.max(1, Math.ceil(items.length / size)));
  const body = wrap ? wrap(shown, items.length) : shown;
  return { status: 200, body, ...(link === '' ? {} : { headers: { link } }) };
}

function positive(text: string | null, otherwise: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}

/** The server puts its own address in front of the paths. */
function linkHeader({ path, query }: Exchange, page: number, last: number): string {
  const before = page > 1 ? { prev: page - 1, first: 1 } : {};
  const after = page < last ? { next: page + 1, last } : {};
  const pages = Object.entries({ ...before, ...after });
  return pages.map(([rel, number]) => `<${path}?${withPage(query, number)}>; rel="${rel}"`).join(', ');
}

function withPage(query: URLSearchParams, page: number): string {
  const changed = new URLSearchParams(query);
  changed.set('page', String(page));
  return changed.toString();
}
