import type { CertificateDefect } from '#identity';
import { TestAuthority, x509, type CertificateOptions, type TestCertificate } from './certificates.ts';
import { ALGORITHMS, der, replaceOnce, resigned, spoiled } from './der-surgery.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const now = Date.now();
const later = (milliseconds: number): Date => new Date(now + milliseconds);

/** What a client presents: its leaf with its key, and what it sends with it. */
export interface Presented {
  readonly leaf: TestCertificate;
  readonly sent?: readonly TestAuthority[];
}

/** One chain and what becomes of it; without a defect it is good. */
export interface ChainCase {
  readonly name: string;
  readonly defect?: CertificateDefect;
  readonly make: (world: ChainWorld) => Promise<Presented>;
}

const DOMAINS = {
  /** CAs of two trust domains have the same name. */
  'a.example': 'the same name',
  'b.example': 'the same name',
  'rsa.example': 'RSA',
  'ed.example': 'Ed25519',
  'short.example': 'no intermediates',
  'expired.example': 'expired',
  'early.example': 'not yet valid',
} as const;

type Domain = keyof typeof DOMAINS;

const OPTIONS: { readonly [D in Domain]?: CertificateOptions } = {
  'rsa.example': { key: 'RSA-2048' },
  'ed.example': { key: 'Ed25519' },
  'short.example': { pathLength: 0 },
  'expired.example': { notBefore: later(-2 * HOUR), notAfter: later(-MINUTE) },
  'early.example': { notBefore: later(HOUR), notAfter: later(9 * HOUR) },
};

/** The CAs that are trusted, each for one trust domain, and some that nobody trusts. */
export class ChainWorld {
  readonly roots: { readonly [D in Domain]: TestAuthority };
  /** Nobody trusts it. */
  readonly stranger: TestAuthority;
  /** Nobody trusts it, and it is called as that of `rsa.example`. */
  readonly namesake: TestAuthority;
  readonly intermediate: TestAuthority;

  private constructor(roots: ChainWorld['roots'], others: readonly [TestAuthority, TestAuthority, TestAuthority]) {
    this.roots = roots;
    [this.stranger, this.namesake, this.intermediate] = others;
  }

  static async create(): Promise<ChainWorld> {
    const domains = Object.keys(DOMAINS) as Domain[];
    const roots = await Promise.all(
      domains.map(async (domain) => [domain, await TestAuthority.root(DOMAINS[domain], OPTIONS[domain])] as const),
    );
    const made = Object.fromEntries(roots) as ChainWorld['roots'];
    const others = [
      TestAuthority.root('a stranger'),
      TestAuthority.root('RSA'),
      made['a.example'].intermediate('an intermediate'),
    ] as const;
    return new ChainWorld(made, await Promise.all(others));
  }

  /** The CA certificate of each trust domain that is trusted. */
  get bundles(): readonly (readonly [trustDomain: string, pem: string])[] {
    return Object.entries(this.roots).map(([domain, root]) => [domain, root.pem]);
  }
}

const A = 'spiffe://a.example/ns/shop/sa/web';

/** A leaf of `a.example`, straight from its CA, good in everything that `options` do not spoil. */
function leafOf(options: CertificateOptions, uri = A): ChainCase['make'] {
  return async ({ roots }) => ({ leaf: await roots['a.example'].workload(uri, options) });
}

function named(uri: string): ChainCase['make'] {
  return leafOf({ uris: [uri] });
}

/** A leaf below an intermediate that is good in everything that `options` do not spoil. */
function below(options: CertificateOptions, leaf: CertificateOptions = {}): ChainCase['make'] {
  return async ({ roots }) => {
    const intermediate = await roots['a.example'].intermediate('spoiled', options);
    return { leaf: await intermediate.workload(A, leaf), sent: [intermediate] };
  };
}

/** A leaf that is changed in its bytes and signed anew. */
function changed(options: CertificateOptions, from: string, to: string): ChainCase['make'] {
  return async ({ roots }) => {
    const root = roots['a.example'];
    return { leaf: resigned(await root.workload(A, options), root.privateKey, replaceOnce(from, to)) };
  };
}

const SERIAL = '4242424242424242';
const UNKNOWN = new x509.Extension('1.2.3.4', true, Buffer.from('0500', 'hex'));

/** Name constraints out of permitted and excluded subtrees, each the hex of its base. */
function constraints(permitted: readonly string[], excluded: readonly string[] = []): CertificateOptions {
  const subtrees = (tag: string, bases: readonly string[]): string =>
    bases.length === 0 ? '' : der(tag, ...bases.map((base) => der('30', base)));
  const value = Buffer.from(der('30', subtrees('a0', permitted), subtrees('a1', excluded)), 'hex');
  return { extensions: [new x509.Extension('2.5.29.30', true, value)] };
}

const uri = (host: string): string => der('86', Buffer.from(host).toString('hex'));
const dns = (host: string): string => der('82', Buffer.from(host).toString('hex'));
const O_ACME = der('a4', der('30', der('31', der('30', '0603', '55040a', der('0c', Buffer.from('Acme').toString('hex'))))));

async function line(from: TestAuthority, length: number): Promise<TestAuthority[]> {
  const made: TestAuthority[] = [];
  for (let at = 0; at < length; at += 1) made.unshift(await (made[0] ?? from).intermediate(`intermediate ${at}`));
  return made;
}

const LEAVES: readonly (readonly [CertificateDefect, string, ChainCase['make']])[] = [
  ['no_uri_san', 'without a subject alternative name', leafOf({ uris: [] })],
  ['no_uri_san', 'with a DNS name alone', leafOf({ uris: [], dns: ['web.a.example'] })],
  ['no_uri_san', 'C10: with the id inside a DNS name', leafOf({ uris: [], dns: [`a.example, URI:${A}`] })],
  ['no_uri_san', 'C11: with the id inside its subject', leafOf({ uris: [], subject: [{ CN: [`x\nURI:${A}`] }, { CN: ['root-op'] }] })],
  ['several_uri_sans', 'with two ids', leafOf({ uris: [A, `${A}2`] })],
  ['several_uri_sans', 'with the same id twice', leafOf({ uris: [A, A] })],
  ['several_uri_sans', 'with a web address beside its id', leafOf({ uris: [A, 'https://a.example/'] })],
  ['invalid_spiffe_id', 'with a web address alone', named('https://a.example/web')],
  ['invalid_spiffe_id', 'of the root of a trust domain', named('spiffe://a.example')],
  ['invalid_spiffe_id', 'B4: with an upper-case trust domain', named('spiffe://A.example/ns/shop/sa/web')],
  ['invalid_spiffe_id', 'with an upper-case scheme', named('SPIFFE://a.example/ns/shop/sa/web')],
  ['invalid_spiffe_id', 'B4: with a space after its id', named(`${A} `)],
  ['invalid_spiffe_id', 'with a NUL in its id', named(`${A}\0.b.example`)],
  ['invalid_spiffe_id', 'with a path that climbs', named('spiffe://a.example/ns/shop/../bank')],
  ['invalid_spiffe_id', 'with a segment that is a dot', named('spiffe://a.example/ns/./bank')],
  ['invalid_spiffe_id', 'with an empty segment', named('spiffe://a.example/ns//bank')],
  ['invalid_spiffe_id', 'with a slash at the end', named(`${A}/`)],
  ['invalid_spiffe_id', 'with percent-encoding', named('spiffe://a.example/ns%2Fshop')],
  ['invalid_spiffe_id', 'with a port', named('spiffe://a.example:443/ns/shop')],
  ['invalid_spiffe_id', 'with a user', named('spiffe://root@a.example/ns/shop')],
  ['invalid_spiffe_id', 'with a query', named(`${A}?admin`)],
  ['invalid_spiffe_id', 'with a fragment', named(`${A}#admin`)],
  ['invalid_spiffe_id', 'with a second id behind a comma', named(`${A}, URI:spiffe://a.example/admin`)],
  ['invalid_spiffe_id', 'with a trust domain of 256 characters', named(`spiffe://${'a'.repeat(256)}/web`)],
  ['invalid_spiffe_id', 'with an id of 2,049 bytes', named(`spiffe://a.example/${'w'.repeat(2030)}`)],
  ['is_ca', 'of a CA', leafOf({ ca: true })],
  ['is_ca', 'of a CA with its usages', leafOf({ ca: true, keyUsage: ['digitalSignature', 'keyCertSign'] })],
  ['not_yet_valid', 'before its time', leafOf({ notBefore: later(HOUR) })],
  ['expired', 'after its time', leafOf({ notAfter: later(-MINUTE) })],
  ['expired', 'that ended before it began', leafOf({ notBefore: later(-MINUTE), notAfter: later(-HOUR) })],
  ['wrong_key_usage', 'without a key usage', leafOf({ keyUsage: null })],
  ['wrong_key_usage', 'with a key usage that is not critical', leafOf({ keyUsageCritical: false })],
  ['wrong_key_usage', 'that may only agree keys', leafOf({ keyUsage: ['keyAgreement'] })],
  ['wrong_key_usage', 'that may sign certificates', leafOf({ keyUsage: ['digitalSignature', 'keyCertSign'] })],
  ['wrong_key_usage', 'that may sign revocation lists', leafOf({ keyUsage: ['digitalSignature', 'cRLSign'] })],
  ['wrong_extended_key_usage', 'for servers only', leafOf({ extKeyUsage: ['serverAuth'] })],
  ['wrong_extended_key_usage', 'for signing code', leafOf({ extKeyUsage: ['codeSigning'] })],
  ['wrong_extended_key_usage', 'for mail', leafOf({ extKeyUsage: ['emailProtection'] })],
  ['weak_key', 'on RSA with 1,024 bits', leafOf({ key: 'RSA-1024' })],
  ['weak_key', 'on RSA with the exponent 3', leafOf({ key: 'RSA-2048-e3' })],
  ['weak_key', 'on Ed448', leafOf({ key: 'Ed448' })],
  ['weak_key', 'on a key for RSA-PSS only', leafOf({ key: 'RSA-PSS' })],
  ['unknown_critical_extension', 'with a critical extension that nobody knows', leafOf({ extensions: [UNKNOWN] })],
  ['unknown_critical_extension', 'with name constraints', leafOf(constraints([uri('a.example')]))],
  ['weak_signature', 'signed with SHA-1', leafOf({ signature: { hash: 'SHA-1' } })],
  ['malformed', 'with an extension twice', leafOf({ extensions: [new x509.BasicConstraintsExtension(false)] })],
  ['malformed', 'C28: with a thousand names', leafOf({ dns: Array.from({ length: 1_000 }, (_, at) => `${at}.web.a.example`) })],
  ['malformed', 'with a subject alternative name that is no list', leafOf({ uris: [], extensions: [new x509.Extension('2.5.29.17', false, Buffer.from('0500', 'hex'))] })], // prettier-ignore
  ['malformed', 'that names two signature algorithms', changed({}, ALGORITHMS['ecdsa-sha256'], ALGORITHMS['ecdsa-sha1'])],
  ['not_version_3', 'of version 2', changed({}, 'a003020102', 'a003020101')],
  ['bad_serial', 'with a negative serial number', changed({ serialNumber: SERIAL }, `0208${SERIAL}`, `0208c2${SERIAL.slice(2)}`)],
  ['bad_serial', 'with the serial number 0', changed({ serialNumber: SERIAL }, `0208${SERIAL}`, '020100')],
  ['bad_serial', 'with a serial number of 21 octets', changed({ serialNumber: SERIAL }, `0208${SERIAL}`, `0215${'42'.repeat(21)}`)],
  ['bad_signature', 'whose signature is spoiled', async (world) => ({ leaf: spoiled((await leafOf({})(world)).leaf) })],
  ['weak_signature', 'signed with MD5', rsaSigned('rsa-md5', 'md5')],
  ['weak_signature', 'signed with RSA and SHA-1', rsaSigned('rsa-sha1', 'sha1')],
];

function rsaSigned(algorithm: 'rsa-md5' | 'rsa-sha1', hash: string): ChainCase['make'] {
  return async ({ roots }) => {
    const root = roots['rsa.example'];
    const change = replaceOnce(ALGORITHMS['rsa-sha256'], ALGORITHMS[algorithm]);
    return { leaf: resigned(await root.workload('spiffe://rsa.example/web'), root.privateKey, change, { algorithm, hash }) };
  };
}

const CHAINS: readonly (readonly [CertificateDefect, string, ChainCase['make']])[] = [
  ['untrusted', 'from a CA that nobody trusts', async ({ stranger }) => ({ leaf: await stranger.workload(A) })],
  [
    'untrusted',
    'from a CA that nobody trusts, and sends along',
    async ({ stranger }) => ({ leaf: await stranger.workload(A), sent: [stranger] }),
  ],
  [
    'untrusted',
    'C17: from a CA that nobody trusts, with a genuine one beside it',
    async ({ stranger, intermediate, roots }) => ({ leaf: await stranger.workload(A), sent: [intermediate, roots['a.example'], stranger] }),
  ],
  [
    'untrusted',
    'C1: signed by itself',
    async () => ({ leaf: (await TestAuthority.root('web', { ca: false, uris: [A], keyUsage: ['digitalSignature'] })).own }),
  ],
  ['untrusted', 'without the intermediate that signed it', async ({ intermediate }) => ({ leaf: await intermediate.workload(A) })],
  [
    'untrusted',
    'below an intermediate of a CA that nobody trusts',
    async ({ stranger }) => {
      const sent = await line(stranger, 1);
      return { leaf: await (sent[0] as TestAuthority).workload(A), sent };
    },
  ],
  ['bad_signature', 'from a namesake of its CA', async ({ namesake }) => ({ leaf: await namesake.workload('spiffe://rsa.example/web') })],
  ['foreign_trust_domain', 'of a trust domain without a bundle', named('spiffe://unknown.example/web')],
  ['wrong_trust_domain', 'signed by the CA of another domain', async ({ roots }) => ({ leaf: await roots['ed.example'].workload(A) })],
  [
    'wrong_trust_domain',
    'signed by the CA of another domain, of the same name',
    async ({ roots }) => ({ leaf: await roots['b.example'].workload(A) }),
  ],
  [
    'wrong_trust_domain',
    'signed by the CA of another domain, of the same name, with its own beside it',
    async ({ roots }) => ({ leaf: await roots['b.example'].workload(A), sent: [roots['a.example']] }),
  ],
  [
    'wrong_trust_domain',
    'below an intermediate of another domain',
    async ({ intermediate }) => ({ leaf: await intermediate.workload('spiffe://b.example/web'), sent: [intermediate] }),
  ],
  ['ca_not_a_ca', 'below an intermediate that is no CA', below({ ca: false })],
  ['ca_not_a_ca', 'below an intermediate without basic constraints', below({ ca: null })],
  [
    'ca_not_a_ca',
    'below another leaf',
    async ({ roots }) => {
      const leaf = await roots['a.example'].intermediate('web', {
        ca: false,
        uris: [A],
        keyUsage: ['digitalSignature'],
        extKeyUsage: ['clientAuth'],
      });
      return { leaf: await leaf.workload('spiffe://a.example/admin'), sent: [leaf] };
    },
  ],
  ['ca_wrong_key_usage', 'below an intermediate without a key usage', below({ keyUsage: null })],
  ['ca_wrong_key_usage', 'below an intermediate that may not sign certificates', below({ keyUsage: ['digitalSignature', 'cRLSign'] })],
  ['ca_wrong_extended_key_usage', 'below an intermediate for servers only', below({ extKeyUsage: ['serverAuth'] })],
  ['ca_wrong_extended_key_usage', 'below an intermediate for signing code', below({ extKeyUsage: ['codeSigning'] })],
  ['ca_expired', 'below an intermediate that has ended', below({ notAfter: later(-MINUTE) })],
  ['ca_not_yet_valid', 'below an intermediate before its time', below({ notBefore: later(HOUR) })],
  ['ca_unknown_critical_extension', 'below an intermediate with a critical extension that nobody knows', below({ extensions: [UNKNOWN] })],
  ['ca_weak_key', 'below an intermediate on RSA with 1,024 bits', below({ key: 'RSA-1024' })],
  ['ca_weak_signature', 'below an intermediate signed with SHA-1', below({ signature: { hash: 'SHA-1' } })],
  ['ca_wrong_trust_domain', 'below an intermediate of another trust domain by its id', below({ uris: ['spiffe://b.example'] })],
  [
    'bad_signature',
    'below an intermediate whose signature is spoiled',
    async ({ intermediate }) => ({ leaf: await intermediate.workload(A), sent: [intermediate.changed(spoiled)] }),
  ],
  [
    'path_too_long',
    'below an intermediate that its CA forbids',
    async ({ roots }) => {
      const sent = await line(roots['short.example'], 1);
      return { leaf: await (sent[0] as TestAuthority).workload('spiffe://short.example/web'), sent };
    },
  ],
  [
    'path_too_long',
    'below an intermediate that another forbids',
    async ({ roots }) => {
      const upper = await roots['a.example'].intermediate('upper', { pathLength: 0 });
      const lower = await upper.intermediate('lower');
      return { leaf: await lower.workload(A), sent: [lower, upper] };
    },
  ],
  ['name_not_permitted', 'below an intermediate for another trust domain', below(constraints([uri('b.example')]))],
  ['name_not_permitted', 'below an intermediate for what is below its trust domain', below(constraints([uri('.a.example')]))],
  ['name_not_permitted', 'below an intermediate that excludes its trust domain', below(constraints([], [uri('a.example')]))],
  [
    'name_not_permitted',
    'with a DNS name that its intermediate excludes',
    below(constraints([], [dns('a.example')]), { dns: ['web.a.example'] }),
  ],
  ['name_not_permitted', 'with a subject below an intermediate for another', below(constraints([O_ACME]), { subject: [{ O: ['Other'] }] })],
  ['malformed', 'below an intermediate with empty name constraints', below(constraints([]))],
  [
    'chain_too_long',
    'C28: below five intermediates',
    async ({ roots }) => {
      const sent = await line(roots['a.example'], 5);
      return { leaf: await (sent[0] as TestAuthority).workload(A), sent };
    },
  ],
  [
    'ca_expired',
    'from a CA that has ended',
    async ({ roots }) => ({ leaf: await roots['expired.example'].workload('spiffe://expired.example/web') }),
  ],
  [
    'ca_not_yet_valid',
    'from a CA before its time',
    async ({ roots }) => ({ leaf: await roots['early.example'].workload('spiffe://early.example/web') }),
  ],
];

/** Chains with one defect each. */
export const BAD_CHAINS: readonly ChainCase[] = [...LEAVES, ...CHAINS].map(([defect, name, make]) => ({ name, defect, make }));

const C_US_O_SPIRE: x509.JsonName = [{ C: ['US'] }, { O: ['SPIRE'] }];

/** Certificates as SPIRE, cert-manager and others make them, and what else X509-SVID allows. */
const GOOD: readonly (readonly [string, ChainCase['make']])[] = [
  ['from its CA', leafOf({})],
  [
    'B4: whose CA has the name of another domain',
    async ({ roots }) => ({ leaf: await roots['b.example'].workload('spiffe://b.example/web') }),
  ],
  ['as SPIRE makes it', leafOf({ subject: C_US_O_SPIRE, keyUsage: ['digitalSignature', 'keyEncipherment', 'keyAgreement'] })],
  [
    'as SPIRE makes it below an upstream CA',
    async ({ roots }) => {
      const server = await roots['a.example'].intermediate('SPIRE', { subject: C_US_O_SPIRE, uris: ['spiffe://a.example'], pathLength: 0 });
      return { leaf: await server.workload(A, { subject: C_US_O_SPIRE }), sent: [server] };
    },
  ],
  [
    'as cert-manager makes it, on RSA',
    async ({ roots }) => ({
      leaf: await roots['rsa.example'].workload('spiffe://rsa.example/ns/shop/sa/web', {
        key: 'RSA-2048',
        keyUsage: ['digitalSignature', 'keyEncipherment'],
        extKeyUsage: ['clientAuth'],
        subject: [{ CN: ['web'] }],
        dns: ['web.shop.svc'],
      }),
    }),
  ],
  ['without an extended usage', leafOf({ extKeyUsage: null })],
  ['for clients only', leafOf({ extKeyUsage: ['clientAuth'] })],
  ['with DNS names beside its id', leafOf({ dns: ['web.a.example', '*.shop.svc'] })],
  ['with the same DNS name twice', leafOf({ dns: ['web.a.example', 'web.a.example'] })],
  ['with addresses beside its id', leafOf({ ips: ['192.0.2.1', '2001:db8::1'], emails: ['web@a.example'] })],
  ['whose DNS name spells another id', leafOf({ dns: ['a.example, URI:spiffe://a.example/admin'] })],
  ['on P-384', leafOf({ key: 'P-384' })],
  ['on P-521', leafOf({ key: 'P-521' })],
  ['on Ed25519', leafOf({ key: 'Ed25519' })],
  ['on RSA with 3,072 bits', leafOf({ key: 'RSA-3072' })],
  ['on RSA with 4,096 bits', leafOf({ key: 'RSA-4096' })],
  ['from a CA on Ed25519', async ({ roots }) => ({ leaf: await roots['ed.example'].workload('spiffe://ed.example/web') })],
  ['signed with SHA-384', leafOf({ signature: { hash: 'SHA-384' } })],
  [
    'signed with RSA and SHA-512',
    async ({ roots }) => ({ leaf: await roots['rsa.example'].workload('spiffe://rsa.example/w', { signature: { hash: 'SHA-512' } }) }),
  ],
  [
    'signed with RSA-PSS',
    async ({ roots }) => ({
      leaf: await roots['rsa.example'].workload('spiffe://rsa.example/w', {
        signature: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 },
      }),
    }),
  ],
  ['with an extension that is not critical', leafOf({ extensions: [new x509.Extension('1.2.3.4', false, Buffer.from('0500', 'hex'))] })],
  ['beyond 2049', leafOf({ notAfter: new Date('2051-01-01T00:00:00Z') })],
  ['with an id of 2,048 bytes', named(`spiffe://a.example/${'w'.repeat(2029)}`)],
  ['with an intermediate', async ({ intermediate }) => ({ leaf: await intermediate.workload(A), sent: [intermediate] })],
  [
    'with an intermediate and the root',
    async ({ intermediate, roots }) => ({ leaf: await intermediate.workload(A), sent: [intermediate, roots['a.example']] }),
  ],
  [
    'with an intermediate behind a stranger',
    async ({ intermediate, stranger }) => ({ leaf: await intermediate.workload(A), sent: [stranger, intermediate] }),
  ],
  [
    'below four intermediates, in another order',
    async ({ roots }) => {
      const sent = await line(roots['a.example'], 4);
      return { leaf: await (sent[0] as TestAuthority).workload(A), sent: sent.toReversed() };
    },
  ],
  [
    'from a CA that allows no intermediate',
    async ({ roots }) => ({ leaf: await roots['short.example'].workload('spiffe://short.example/web') }),
  ],
  ['below an intermediate for its trust domain', below(constraints([uri('b.example'), uri('a.example')]))],
  ['below an intermediate for another subject, without one', below(constraints([O_ACME]))],
];

/** Chains that are good. */
export const GOOD_CHAINS: readonly ChainCase[] = GOOD.map(([name, make]) => ({ name, make }));
