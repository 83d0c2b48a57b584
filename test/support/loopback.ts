import type { Settings } from '#settings';

/** What every server of these tests has, wherever it runs. */
export const API = '/api/v1';
export const TRUST_DOMAIN = 'acme.internal';
/** Of the first operator. */
export const PASSWORD = 'a password for loopback only';

/** Settings of a server on free ports of 127.0.0.1, with an hour's certificates. */
export function loopbackSettings(dataDir: string, keyFile?: string): Settings {
  const anywhere = { address: '127.0.0.1', port: 0 };
  return {
    dataDir,
    trustDomain: TRUST_DOMAIN,
    listeners: { workload: anywhere, operator: anywhere, probe: anywhere },
    serverNames: ['localhost', '127.0.0.1'],
    tls: { certificate: undefined, key: undefined },
    unseal: { file: keyFile },
    certificates: { ttl: 3_600, keyTypes: ['p256', 'p384', 'p521', 'ed25519', 'rsa'] },
    enrolments: { ttl: 600 },
    kubernetes: { server: undefined, caFile: '/nonexistent/ca.crt', tokenFile: '/nonexistent/token' },
    // Everybody here has one address, and asks without a pause.
    limits: { perCaller: 100, perAddress: 100 },
    log: { level: 'error' },
  };
}
