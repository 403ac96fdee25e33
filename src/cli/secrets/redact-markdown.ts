// Takes secrets out of finished Markdown, where they may stand as they are or with their characters escaped.
import { prose } from '../../render/markdown.ts';
import { secretValues } from './secrets.ts';

/** Like `redact`, for Markdown. */
export function redactMarkdown(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const forms = secretValues(env).flatMap((secret) => [secret, prose(secret), secret.replaceAll('|', '\\|'), encodeURIComponent(secret)]);
  // The longest first: an escaped form may have the plain one of a shorter secret in it.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const clean = ordered.reduce((done, form) => done.replaceAll(form, '***'), text);
  return clean.replace(/(https?|wss?)(:\u200b?\/\/)[^\s"'<>/@]*@/g, '$1$2***@');
}
