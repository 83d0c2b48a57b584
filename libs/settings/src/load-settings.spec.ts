import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SettingsError } from './errors.ts';
import { KEYS, variableOf } from './keys.ts';
import { loadSettings } from './load-settings.ts';
import { readSettingsFile } from './read-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(text: string, name = 'server.yaml'): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const shipped = (name: string): string => new URL(`../../../config/${name}`, import.meta.url).pathname;
const load = (yaml: string, environment = {}) => loadSettings(file(yaml), environment);
const minimal = 'trustDomain: acme.internal\n';

function refusal(work: () => unknown): { code: string; hint: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof SettingsError) return { code: error.code, hint: error.hint };
    throw error;
  }
  throw new Error('was not refused');
}

describe('the settings shipped', () => {
  it('are enough to run', () => {
    expect(loadSettings(shipped('server.yaml'), {})).toMatchObject({
      trustDomain: 'acme.internal',
      listeners: { workload: { port: 8443 } },
    });
  });

  it('name every key and its variable in server.full.yaml, each with its default', () => {
    expect([...readSettingsFile(shipped('server.full.yaml')).keys()].toSorted()).toEqual(Object.keys(KEYS).toSorted());
    expect(loadSettings(shipped('server.full.yaml'), {})).toEqual(load(minimal));
    const text = readFileSync(shipped('server.full.yaml'), 'utf8');
    for (const name of Object.keys(KEYS)) expect(text).toContain(`# ${variableOf(name)}\n`);
  });
});

describe('loadSettings', () => {
  it('makes paths absolute and times seconds', () => {
    const settings = load(`${minimal}dataDir: here\ncertificates: { ttl: 15m }\n`);
    expect(settings.dataDir).toBe(resolve('here'));
    expect(settings.certificates.ttl).toBe(900);
  });

  it('needs no file', () => {
    expect(loadSettings(undefined, { HOLDFAST_TRUST_DOMAIN: 'acme.internal' }).trustDomain).toBe('acme.internal');
  });

  it('takes the environment before the file named there, and that before the settings file', () => {
    const secret = file('beta.internal\n', 'domain');
    const yaml = 'trustDomain: alpha.internal\n';
    expect(load(yaml, { HOLDFAST_TRUST_DOMAIN_FILE: secret }).trustDomain).toBe('beta.internal');
    expect(load(yaml, { HOLDFAST_TRUST_DOMAIN_FILE: secret, HOLDFAST_TRUST_DOMAIN: 'gamma.internal' }).trustDomain).toBe('gamma.internal');
  });

  it.each(Object.keys(KEYS))('reads %s from its variable', (name) => {
    const { hint } = refusal(() => load(minimal, { [variableOf(name)]: '\0' }));
    expect(hint).toContain(name);
  });

  it('splits a list in the environment', () => {
    expect(load(minimal, { HOLDFAST_CERTIFICATES_KEY_TYPES: 'ed25519,p256' }).certificates.keyTypes).toEqual(['p256', 'ed25519']);
    expect(load(minimal, { HOLDFAST_KUBERNETES_SERVER: 'https://[fd00::1]:6443' }).kubernetes.server).toBe('https://[fd00::1]:6443');
    expect(load(minimal, { HOLDFAST_SERVER_NAMES: 'vault.acme.internal,10.0.0.1' }).serverNames).toEqual([
      'vault.acme.internal',
      '10.0.0.1',
    ]);
  });

  it('names the nearest key where one is unknown', () => {
    expect(refusal(() => load('trustDomian: acme.internal\n'))).toEqual({
      code: 'unknown_key',
      hint: 'trustDomian; did you mean trustDomain?',
    });
    expect(refusal(() => load(`${minimal}listeners: { workload: { prot: 1 } }\n`)).hint).toContain('did you mean listeners.workload.port?');
    expect(refusal(() => load(minimal, { HOLDFAST_DATADIR: '/x' })).hint).toBe('HOLDFAST_DATADIR; did you mean HOLDFAST_DATA_DIR?');
    expect(refusal(() => load(minimal, { HOLDFAST_XYZZY: '1' })).hint).toBe('HOLDFAST_XYZZY');
  });

  it("does not trip over the command's settings or a Service's links", () => {
    const environment = {
      HOLDFAST_ADDR: 'x',
      HOLDFAST_OPERATOR_ADDR: 'x',
      HOLDFAST_CERT: 'x',
      HOLDFAST_KEY: 'x',
      HOLDFAST_CA: 'x',
      HOLDFAST_TOKEN: 'x',
      HOLDFAST_FILES: 'x',
    };
    const links = {
      HOLDFAST_SERVICE_HOST: '10.0.0.1',
      HOLDFAST_SERVICE_PORT: '1',
      HOLDFAST_PORT: 'tcp://',
      HOLDFAST_PORT_8443_TCP_ADDR: 'x',
    };
    expect(load(minimal, { ...environment, ...links, HOME: '/x' }).trustDomain).toBe('acme.internal');
  });

  it.each([
    ['trustDomain: [a]'],
    ['trustDomain: Acme.Internal'],
    ['trustDomain: ""'],
    [`${minimal}dataDir: 7`],
    [`${minimal}listeners: { probe: { port: 65536 } }`],
    [`${minimal}listeners: { probe: { port: 1.5 } }`],
    [`${minimal}listeners: { probe: { port: "+1" } }`],
    [`${minimal}listeners: { probe: { address: localhost } }`],
    [`${minimal}listeners: { probe: { address: "fe80::1%eth0" } }`],
    [`${minimal}listeners: { probe: { address: 0x7f000001 } }`],
    [`${minimal}serverNames: []`],
    [`${minimal}serverNames: [UPPER.example]`],
    [`${minimal}certificates: { ttl: 30s }`],
    [`${minimal}certificates: { ttl: 3600 }`],
    [`${minimal}certificates: { ttl: 9999999d }`],
    [`${minimal}certificates: { keyTypes: [] }`],
    [`${minimal}certificates: { keyTypes: [p256, dsa] }`],
    [`${minimal}certificates: { keyTypes: [p256, p256] }`],
    [`${minimal}kubernetes: { server: "http://10.0.0.1" }`],
    [`${minimal}kubernetes: { server: "https://10.0.0.1/path" }`],
    [`${minimal}kubernetes: { server: "https://user@10.0.0.1" }`],
    [`${minimal}kubernetes: { server: "https://API.example" }`],
    [`${minimal}kubernetes: { server: "https://api.example." }`],
    [`${minimal}kubernetes: { server: "https://0x0a000001" }`],
    [`${minimal}log: { level: trace }`],
  ])('refuses %j', (yaml) => {
    expect(refusal(() => load(yaml)).code).toBe('invalid_value');
  });

  it.each([['a: [', 'a: 1\na: 2', 'trustDomain: !!js/function "x"', 'trustDomain: !include /etc/passwd']].flat())(
    'refuses the YAML %j',
    (yaml) => {
      expect(refusal(() => load(yaml)).code).toBe('malformed');
    },
  );

  it('expands no alias', () => {
    expect(() => load('a: &a [x]\nb: [*a, *a, *a]\n')).toThrow(SettingsError);
  });

  it('says what is missing', () => {
    expect(refusal(() => load(''))).toMatchObject({ code: 'missing_key', hint: expect.stringContaining('HOLDFAST_TRUST_DOMAIN') });
  });

  it('never repeats a value', () => {
    expect(refusal(() => load(minimal, { HOLDFAST_LOG_LEVEL: 'CANARY' })).hint).not.toContain('CANARY');
    expect(refusal(() => loadSettings(join(directory, 'CANARY'), {})).hint).not.toContain('CANARY');
  });
});
