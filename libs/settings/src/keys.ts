import { address, duration, factor, httpsOrigin, keyTypes, oneOf, path, port, type Reader, serverNames, trustDomain } from './values.ts';

/** One setting: what it takes, and what it is where nobody says (`undefined`: it may be absent; without the key: it must be given). */
export interface Setting<T> extends Reader<T> {
  readonly fallback?: T | undefined;
}

/** Every setting there is. `config/server.full.yaml` explains each. */
export const KEYS = {
  dataDir: { ...path, fallback: path.read('./.holdfast') },
  trustDomain,
  'listeners.workload.address': { ...address, fallback: '127.0.0.1' },
  'listeners.workload.port': { ...port, fallback: 8443 },
  'listeners.operator.address': { ...address, fallback: '127.0.0.1' },
  'listeners.operator.port': { ...port, fallback: 8444 },
  'listeners.probe.address': { ...address, fallback: '127.0.0.1' },
  'listeners.probe.port': { ...port, fallback: 8445 },
  serverNames: { ...serverNames, fallback: ['localhost', '127.0.0.1', '::1'] },
  'tls.certificate': { ...path, fallback: undefined },
  'tls.key': { ...path, fallback: undefined },
  'unseal.file': { ...path, fallback: undefined },
  'certificates.ttl': { ...duration(60, 86_400), fallback: 3_600 },
  'certificates.keyTypes': { ...keyTypes, fallback: ['p256', 'p384', 'p521', 'ed25519', 'rsa'] },
  'enrolments.ttl': { ...duration(60, 604_800), fallback: 900 },
  'kubernetes.server': { ...httpsOrigin, fallback: undefined },
  'kubernetes.caFile': { ...path, fallback: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' },
  'kubernetes.tokenFile': { ...path, fallback: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
  'limits.perCaller': { ...factor(0.01, 100), fallback: 1 },
  'limits.perAddress': { ...factor(0.01, 100), fallback: 1 },
  'log.level': { ...oneOf('error', 'warn', 'info', 'debug'), fallback: 'info' },
} as const satisfies Record<string, Setting<unknown>>;

/** The name of a setting, as a dotted path into the file. */
export type SettingName = keyof typeof KEYS;

/** What a setting's value is. */
export type SettingValue<K extends SettingName> = (typeof KEYS)[K] extends Reader<infer T> ? T : never;

/** The environment variable of a setting: `listeners.workload.port` is `HOLDFAST_LISTENERS_WORKLOAD_PORT`. */
export function variableOf(name: string): string {
  return `HOLDFAST_${name
    .replaceAll('.', '_')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}
