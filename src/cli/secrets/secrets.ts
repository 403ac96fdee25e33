// Secrets from environment variables: put into RPC URLs here, and taken out of whatever is printed.
import { MooringError } from '../../errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Values that stood for a `${VARIABLE}` or were read as a key in this process. */
const secrets = new Set<string>();

/** Marks a value as secret: `redact` replaces it from now on. SIDE EFFECTS: remembers it for the life of the process. */
export function keepSecret(value: string): void {
  if (value.length >= 4) secrets.add(value);
}

/** Fills `${VARIABLE}` in a URL template; `what` needs it, `file` has it. Throws ENVIRONMENT_VARIABLE_MISSING. SIDE EFFECTS: marks the values as secret. */
export function expandTemplate(template: string, env: Variables, { what = 'the RPC URL', file = 'environment.yaml' } = {}): string {
  return template.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined || value === '')
      throw new MooringError('ENVIRONMENT_VARIABLE_MISSING', `the environment variable ${name} is not set; ${what} needs it`, {
        fix: `set ${name}, or write the URL without it in ${file}`,
      });
    keepSecret(value);
    return value;
  });
}

/** Values of queries; others stay, so that a link keeps its `?raw=true`. */
const secretParameters = /([?&](?:access_token|api_?key|auth|key|password|secret|token)=)[^&#\s"'<>()`\\]+/gi;

/**
 * Takes secrets out of a text: those that were used, what looks like a signing key's variable, user info of URLs, and the
 * parameters of their queries that are named like secrets.
 */
export function redact(output: string, env: Variables): string {
  let clean = output;
  for (const secret of secretValues(env)) clean = clean.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
  return clean.replace(/(https?|wss?):\/\/[^\s"'<>/@]*@/g, '$1://***@').replace(secretParameters, '$1***');
}

/** The same alerts without secrets: they leave the machine, with words of nodes and of GitHub in them. */
export function redactAlerts<A extends { message: string; detail: string }>(alerts: readonly A[], env: Variables): A[] {
  return alerts.map((alert) => ({ ...alert, message: redact(alert.message, env), detail: redact(alert.detail, env) }));
}

/** What counts as secret: values that were used, and those of variables that are named like secrets. */
export function secretValues(env: Variables): string[] {
  return [...secrets, ...keyVariables(env)];
}

/** Each with `0x` and without. */
function keyVariables(env: Variables): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const bare = value.replace(/^0x/, '');
    if (/_KEY$/.test(name) && /^[0-9a-fA-F]{64}$/.test(bare)) return [`0x${bare}`, bare];
    return /(PRIVATE_KEY|PASSPHRASE|SECRET|_TOKEN)$/.test(name) && value.length >= 8 ? [value, bare] : [];
  });
}
