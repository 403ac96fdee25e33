// Keeps credentials in remote URLs out of everything that people see. Pure.

/**
 * The text with what stands between `//` and `@` of each URL in it, and each value of a URL's query, replaced by `…`:
 * git repeats the URL that it was given in what it says. A name alone (`git@host:path`, `ssh://git@host`) is no credential
 * and stays; before an `http` host also a name is one.
 */
export function hideCredentials(text: string): string {
  return text
    .replace(/\b(https?|ftps?):\/\/[^/\s'"]*@/gi, '$1://…@')
    .replace(/\b([a-z][a-z0-9+.-]*):\/\/([^/\s'":@]*):[^/\s'"]*@/gi, '$1://$2:…@')
    .replace(/([?&][^=&#\s'"]+)=[^&#\s'"]+/g, '$1=…');
}
