/** Addresses that only this machine's own programs can listen on (RFC 8252, section 7.3). `localhost` is a name, and may be anything. */
const LOOPBACK = new Set(['127.0.0.1', '[::1]']);

/** Whether a browser may ever be sent back to it: by https, or to a program that waits for it on the same machine. */
export function isRedirectUri(text: string): boolean {
  const url = URL.parse(text);
  if (url?.href !== text || /[?#]/.test(text) || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || isLoopback(url);
}

/** Whether `uri` is one of `allowed`, to the character; of a loopback address the port is free, since whoever listens there takes what there is. */
export function isAllowedRedirect(uri: string, allowed: readonly string[]): boolean {
  if (!isRedirectUri(uri)) return false;
  const url = new URL(uri);
  return allowed.includes(uri) || (isLoopback(url) && allowed.some((each) => withoutPort(new URL(each)) === withoutPort(url)));
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && LOOPBACK.has(hostname);
}

function withoutPort({ protocol, hostname, pathname }: URL): string {
  return `${protocol}//${hostname}${pathname}`;
}
