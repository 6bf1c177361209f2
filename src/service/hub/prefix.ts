/**
 * A request's address below the hub's own. Proxies that give the hub a path of theirs keep it or take it off.
 * `prefix`: that path, without a slash at the end.
 */
export function withoutPrefix(url: string, prefix: string): string {
  const rest = url.slice(prefix.length);
  return prefix !== '' && url.startsWith(prefix) && (rest === '' || rest[0] === '/' || rest[0] === '?')
    ? rest[0] === '/'
      ? rest
      : `/${rest}`
    : url;
}
