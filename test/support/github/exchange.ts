// What the parts of the tests' GitHub hand to each other: a request that was understood, its answer, and the errors that
// GitHub answers with. No state.

/** A JSON object whose fields nobody has looked at. */
export type Fields = { [name: string]: unknown };

export type Answer = { status: number; body?: unknown; headers?: Readonly<Record<string, string>> };

export type AppIdentity = { id: number; slug: string };

/** Who asks: a person or bot with a token, an App's installation, or an App with its own key (`jwt`). */
export type Actor = {
  kind: 'person' | 'installation' | 'jwt';
  login: string;
  token: string;
  app: AppIdentity | null;
  permissions: Readonly<Record<string, string>>;
};

export type Incoming = { method: string; path: string; query: URLSearchParams; body: unknown; authorization: string | undefined };

export type Exchange = Incoming & {
  /** Method and path template: `GET /repos/{owner}/{repo}`. */
  route: string;
  params: Readonly<Record<string, string>>;
  actor: Actor;
  /** The clock's time, ms. */
  at: number;
};

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;
export type Handlers = Readonly<Record<string, Handler>>;

export function ok(body: unknown, status = 200): Answer {
  return { status, body };
}

export function refused(status: number, message: string, errors?: readonly Fields[]): Answer {
  const documentation = { documentation_url: 'https://docs.github.com/rest', status: String(status) };
  return { status, body: { message, ...(errors ? { errors } : {}), ...documentation } };
}

/** GitHub's 422 for a value that it cannot take. */
export function invalid(resource: string, error: Fields): Answer {
  return refused(422, 'Validation Failed', [{ resource, ...error }]);
}

export function notFound(): Answer {
  return refused(404, 'Not Found');
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body's fields; none where there is no body. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function succeeded(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** The login in a `user` field, or in another of that shape. */
export function loginOf(value: unknown): string {
  return textOf(fieldsOf(value)['login']) ?? '';
}
