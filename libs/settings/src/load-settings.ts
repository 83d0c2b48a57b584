import { SettingsError } from './errors.ts';
import { KEYS, type Setting, type SettingName, type SettingValue, variableOf } from './keys.ts';
import { nearest } from './nearest.ts';
import { readSettingsFile, readText } from './read-file.ts';

/** Where a listener listens. */
export interface ListenerSettings {
  readonly address: string;
  readonly port: number;
}

/** What the server is told, read and checked once. Times are in seconds, paths are absolute. */
export interface Settings {
  /** Holds the database, the slot file and whatever else the server writes. */
  readonly dataDir: string;
  /** The SPIFFE trust domain that Holdfast issues certificates for. */
  readonly trustDomain: string;
  readonly listeners: { readonly workload: ListenerSettings; readonly operator: ListenerSettings; readonly probe: ListenerSettings };
  /** DNS names and IP addresses of the server's own certificate. */
  readonly serverNames: readonly string[];
  /** Files of the server's certificate and its key where another PKI makes them. Both or neither. */
  readonly tls: { readonly certificate: string | undefined; readonly key: string | undefined };
  /** The key file of a `file` slot. Where there is one, the server opens itself at its start. */
  readonly unseal: { readonly file: string | undefined };
  readonly certificates: { readonly ttl: number; readonly keyTypes: SettingValue<'certificates.keyTypes'> };
  readonly enrolments: { readonly ttl: number };
  /** The API server that reviews ServiceAccount tokens, its CA, and the token that this server may ask it with. */
  readonly kubernetes: { readonly server: string | undefined; readonly caFile: string; readonly tokenFile: string };
  /** What the rates of the routes are multiplied by: those of a caller, and those of an address before its caller is known. */
  readonly limits: { readonly perCaller: number; readonly perAddress: number };
  readonly log: { readonly level: 'error' | 'warn' | 'info' | 'debug' };
}

/** The environment, as Node gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the command, which may stand in the server's environment too. */
const CLIENT_VARIABLES = [
  'HOLDFAST_ADDR',
  'HOLDFAST_OPERATOR_ADDR',
  'HOLDFAST_CERT',
  'HOLDFAST_KEY',
  'HOLDFAST_CA',
  'HOLDFAST_TOKEN',
  'HOLDFAST_FILES',
];

/** Kubernetes puts these into the containers beside a Service that is called `holdfast`. */
const SERVICE_LINK = /^HOLDFAST_(?:SERVICE_HOST|(?:SERVICE_)?PORT(?:_.*)?)$/;

/**
 * Reads the settings: a variable `HOLDFAST_SECTION_KEY` goes before `HOLDFAST_SECTION_KEY_FILE` (a file that holds the value), that
 * before the YAML file, that before the default. Whatever nobody knows is an error that names its nearest neighbour.
 * @throws SettingsError
 */
export function loadSettings(file: string | undefined, environment: Environment): Settings {
  const given = file === undefined ? new Map<string, unknown>() : readSettingsFile(file);
  for (const name of given.keys()) if (!Object.hasOwn(KEYS, name)) throw unknown(name, Object.keys(KEYS));
  for (const [name, value] of readEnvironment(environment)) given.set(name, value);
  return settingsOf(<K extends SettingName>(name: K) => valueOf(name, given));
}

function settingsOf(value: <K extends SettingName>(name: K) => SettingValue<K>): Settings {
  const listener = (name: 'workload' | 'operator' | 'probe'): ListenerSettings => ({
    address: value(`listeners.${name}.address`),
    port: value(`listeners.${name}.port`),
  });
  return {
    dataDir: value('dataDir'),
    trustDomain: value('trustDomain'),
    listeners: { workload: listener('workload'), operator: listener('operator'), probe: listener('probe') },
    serverNames: value('serverNames'),
    tls: tlsOf(value('tls.certificate'), value('tls.key')),
    unseal: { file: value('unseal.file') },
    certificates: { ttl: value('certificates.ttl'), keyTypes: value('certificates.keyTypes') },
    enrolments: { ttl: value('enrolments.ttl') },
    kubernetes: { server: value('kubernetes.server'), caFile: value('kubernetes.caFile'), tokenFile: value('kubernetes.tokenFile') },
    limits: { perCaller: value('limits.perCaller'), perAddress: value('limits.perAddress') },
    log: { level: value('log.level') },
  };
}

/** One without the other would be silently ignored. */
function tlsOf(certificate: string | undefined, key: string | undefined): Settings['tls'] {
  if ((certificate === undefined) === (key === undefined)) return { certificate, key };
  throw new SettingsError('missing_key', 'tls.certificate and tls.key come together');
}

/** `null` in the file is the same as saying nothing. */
function valueOf<K extends SettingName>(name: K, given: ReadonlyMap<string, unknown>): SettingValue<K>;
function valueOf(name: SettingName, given: ReadonlyMap<string, unknown>): unknown {
  const setting: Setting<unknown> = KEYS[name];
  const written = given.get(name) ?? undefined;
  if (written === undefined) {
    if (!('fallback' in setting)) throw new SettingsError('missing_key', `${name} (or ${variableOf(name)}): ${setting.expects}`);
    return setting.fallback;
  }
  const value = setting.read(written);
  if (value === undefined) throw new SettingsError('invalid_value', `${name} takes ${setting.expects}`);
  return value;
}

function readEnvironment(environment: Environment): Map<string, string> {
  const names = new Map(Object.keys(KEYS).map((name) => [variableOf(name), name]));
  const known = [...names.keys(), ...CLIENT_VARIABLES];
  const given = new Map<string, string>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!isSetting(variable) || value === undefined) continue;
    const name = names.get(variable);
    const fileOf = names.get(variable.replace(/_FILE$/, ''));
    if (name === undefined && fileOf === undefined) throw unknown(variable, known);
    if (name !== undefined) given.set(name, value);
    else if (fileOf !== undefined && environment[variableOf(fileOf)] === undefined) given.set(fileOf, readText(value).trim());
  }
  return given;
}

function isSetting(variable: string): boolean {
  return variable.startsWith('HOLDFAST_') && !CLIENT_VARIABLES.includes(variable) && !SERVICE_LINK.test(variable);
}

function unknown(name: string, known: readonly string[]): SettingsError {
  const near = nearest(name, known);
  const printable = /^[A-Za-z0-9._-]{1,128}$/.test(name) ? name : 'a name that can not be printed';
  return new SettingsError('unknown_key', near === undefined ? printable : `${printable}; did you mean ${near}?`);
}
