export type X509 = typeof import('@peculiar/x509');

/**
 * The X.509 library, loaded when the first certificate is issued: it takes 126 ms, and most starts need none of it. Reading the
 * certificates of clients never does.
 */
export async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
