import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type Database from 'better-sqlite3-multiple-ciphers';
import { Log } from '../../apps/server/src/log.ts';
import { openAsThief, stealDatabaseKey } from '../support/database-thief.ts';
import { Installation } from '../support/installation.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import type { WireAnswer } from '../support/wire-client.ts';

/** Where a row of `record` lies. */
export interface Place {
  readonly kind: string;
  readonly key: string;
}

/** A row of `record` as the disk has it. */
export interface StoredRow extends Place {
  readonly rev: number;
  readonly wrapped: Buffer | null;
  readonly sealed: Buffer;
}

/** What this world's secrets held, by version; null for one that was destroyed. */
const VALUES = {
  'shop/db': ['CANARY-shop-db-1', 'CANARY-shop-db-2'],
  'shop/api': ['CANARY-shop-api-1'],
  'shop/gone': [null, 'CANARY-shop-gone-2'],
  'bank/db': ['CANARY-bank-db-1'],
} as const satisfies Record<string, readonly (string | null)[]>;

/** What `shop/gone` held before it was destroyed. */
const DESTROYED = 'CANARY-shop-gone-1';

export type SecretPath = keyof typeof VALUES;
const PATHS = Object.keys(VALUES) as readonly SecretPath[];

/**
 * A stopped server with at least two rows of most kinds, all it takes to write any of them past it, and what some of them were before.
 */
export class UntrustedWorld {
  readonly origin: Installation;
  readonly key: Buffer;
  /** The rows of `record` as they were before the last changes. */
  readonly earlier: readonly StoredRow[];
  readonly #places: ReadonlyMap<string, Place>;
  #copies = 0;

  private constructor(origin: Installation, known: Pick<UntrustedWorld, 'key' | 'earlier'> & { places: ReadonlyMap<string, Place> }) {
    this.origin = origin;
    this.key = known.key;
    this.earlier = known.earlier;
    this.#places = known.places;
  }

  static async create(directory: string): Promise<UntrustedWorld> {
    const origin = await Installation.create(join(directory, 'origin'));
    const key = await stealDatabaseKey(origin);
    const handle = openAsThief(origin.dataDir, key);
    const places = await furnish(origin, handle);
    const { token } = await origin.operator().must<{ token: string }>('POST', `${API}/session`, { name: 'admin', password: PASSWORD });
    const earlier = rowsOf(handle);
    await change(origin, token);
    await origin.stop();
    handle.close();
    return new UntrustedWorld(origin, { key, earlier, places });
  }

  /** Where a secret's head lies, or one of its versions. */
  placeOf(path: SecretPath, version?: number): Place {
    const place = this.#places.get(version === undefined ? path : `${path}@${version}`);
    if (place === undefined) throw new Error(`nothing is known of ${path}`);
    return place;
  }

  /** A copy of everything, or of an earlier copy, to be spoiled. */
  copy(original = this.origin.directory): Installation {
    const directory = join(this.origin.directory, '..', `copy-${++this.#copies}`);
    cpSync(original, directory, { recursive: true });
    return this.origin.copiedTo(directory);
  }

  /** A copy whose database was changed by these statements. */
  altered(alter: (handle: Database) => void): Installation {
    const copy = this.copy();
    const handle = openAsThief(copy.dataDir, this.key);
    alter(handle);
    handle.close();
    return copy;
  }
}

/** All rows of a kind, or of every kind, in order. */
export function rowsOf(handle: Database, kind = '%'): StoredRow[] {
  return handle
    .prepare<[string], StoredRow>('SELECT kind, key, rev, wrapped, sealed FROM record WHERE kind LIKE ? ORDER BY kind, key')
    .all(kind);
}

/** Puts a row where there may be one already. */
export function putRow(handle: Database, { kind, key, rev, wrapped, sealed }: StoredRow): void {
  handle.prepare('REPLACE INTO record (kind, key, rev, wrapped, sealed) VALUES (?, ?, ?, ?, ?)').run(kind, key, rev, wrapped, sealed);
}

async function furnish(origin: Installation, handle: Database): Promise<ReadonlyMap<string, Place>> {
  const admin = origin.admin();
  await origin.grant('owner', 'operator:admin', { allow: ['secret:*'], on: '**' });
  await origin.grant('reader', `spiffe://${TRUST_DOMAIN}/reader`, { allow: ['secret:read'], on: '**' });
  for (const name of ['one', 'two', 'three']) {
    await admin.must('POST', `${API}/enrolments`, { spiffeId: `spiffe://${TRUST_DOMAIN}/${name}` });
    await admin.must('POST', `${API}/revocations`, { spiffeId: `spiffe://${TRUST_DOMAIN}/old-${name}` });
  }
  const places = new Map<string, Place>();
  const write = async (path: SecretPath, version: number, value: string): Promise<void> => {
    const before = new Set(rowsOf(handle).map(({ kind, key }) => `${kind}:${key}`));
    await admin.must('PUT', `${API}/secrets/${path}`, { data: { value } });
    for (const { kind, key } of rowsOf(handle, 'secret%')) {
      if (!before.has(`${kind}:${key}`)) places.set(kind === 'secret' ? path : `${path}@${version}`, { kind, key });
    }
  };
  await write('shop/db', 1, VALUES['shop/db'][0]);
  await write('shop/api', 1, VALUES['shop/api'][0]);
  await write('bank/db', 1, VALUES['bank/db'][0]);
  await write('shop/gone', 1, DESTROYED);
  await write('shop/db', 2, VALUES['shop/db'][1]);
  await write('shop/gone', 2, VALUES['shop/gone'][1]);
  return places;
}

/** What came after `earlier`: a right taken away, a session ended, a token used up by a revocation, a version destroyed. */
async function change(origin: Installation, session: string): Promise<void> {
  const admin = origin.admin();
  await origin.grant('reader', `spiffe://${TRUST_DOMAIN}/reader`, { allow: ['secret:read'], on: 'shop/**' });
  await admin.must('POST', `${API}/totp`, { password: PASSWORD });
  await admin.must('POST', `${API}/revocations`, { spiffeId: `spiffe://${TRUST_DOMAIN}/three` });
  await admin.must('POST', `${API}/revocations`, { spiffeId: `spiffe://${TRUST_DOMAIN}/old-one` });
  await origin.operator({ token: session }).must('DELETE', `${API}/session`);
  await admin.must('POST', `${API}/secrets/shop/gone:destroy`, { versions: [1] });
}

/** What a server made of an altered copy. */
export interface Verdict {
  /** Whether it opened, stayed shut, or did not even start. */
  readonly state: 'unsealed' | 'sealed' | 'not started';
  /** Why it did not, as its log and its journal say it, or as it said at its start. */
  readonly reasons: readonly string[];
  /** Answers that are not the truth: wrong values, and anything that shows a value that was not asked for. */
  readonly lies: readonly string[];
  /** Reads that were refused, `path@version: code`, as the caller saw it; and as the log has it, without the version. */
  readonly refused: readonly string[];
  readonly recorded: readonly string[];
  /** Whether the log could be exported and verified. */
  readonly logVerifies: boolean;
}

/** Starts a server on an altered copy, asks it for everything, and stops it. */
export async function judge(copy: Installation): Promise<Verdict> {
  const log = new PassThrough();
  const nothing = { lies: [], refused: [], recorded: [], logVerifies: false };
  try {
    await copy.start({ overrides: { log: new Log('debug', log) } });
  } catch (error) {
    return { ...nothing, state: 'not started', reasons: [codeOf(error)] };
  }
  try {
    const answers = await askForEverything(copy);
    const lies = answers.flatMap(({ path, version, answer }) =>
      isTrue(path, version, answer) ? [] : [`${path}@${version ?? ''}: ${answer.status}`],
    );
    const text = answers.map(({ answer }) => answer.body).join('\n') + String(log.read() ?? '');
    if (text.includes(DESTROYED)) lies.push('what was destroyed');
    const refused = answers.flatMap(({ path, version, answer }) =>
      answer.status === 200 ? [] : [`${nameOf(path, version)}: ${codeIn(answer)}`],
    );
    const exported = await copy.exportedLog().catch(() => '');
    const logVerifies = exported !== '' && (await copy.verdictOn(exported).catch(() => undefined))?.ok === true;
    const state = copy.sealed ? 'sealed' : 'unsealed';
    return { state, reasons: journalOf(copy), lies, refused, recorded: failuresIn(exported), logVerifies };
  } finally {
    await copy.stop();
  }
}

interface Asked {
  readonly path: SecretPath | 'bundle';
  readonly version: number | undefined;
  readonly answer: WireAnswer;
}

async function askForEverything(copy: Installation): Promise<readonly Asked[]> {
  const admin = copy.admin();
  const asked: Asked[] = [];
  for (const path of PATHS) {
    for (const version of [undefined, ...VALUES[path].map((_value, at) => at + 1)]) {
      const query = version === undefined ? '' : `?version=${version}`;
      asked.push({ path, version, answer: await admin.send('GET', `${API}/secrets/${path}${query}`) });
    }
  }
  asked.push({ path: 'bundle', version: undefined, answer: await admin.send('POST', `${API}/bundle`, {}) });
  return asked;
}

interface Item {
  readonly path: SecretPath;
  readonly version: number;
  readonly data?: { readonly value: string };
}

/** A problem without any value, or exactly what was written there. */
function isTrue(path: SecretPath | 'bundle', asked: number | undefined, { status, body }: WireAnswer): boolean {
  if (status !== 200) return !body.includes('CANARY');
  if (path !== 'bundle') return holds(path, asked ?? VALUES[path].length, JSON.parse(body));
  const { items }: { items: readonly Item[] } = JSON.parse(body);
  return items.every((item) => item.data === undefined || holds(item.path, VALUES[item.path].length, item));
}

function holds(path: SecretPath, version: number, item: Item): boolean {
  return item.path === path && item.version === version && item.data?.value === VALUES[path][version - 1];
}

function nameOf(path: string, version: number | undefined): string {
  return version === undefined ? path : `${path}@${version}`;
}

function codeIn({ body }: WireAnswer): string {
  return JSON.parse(body).code;
}

function failuresIn(exported: string): string[] {
  const lines = exported.split('\n').filter((line) => line.includes('"outcome":"failed"'));
  const entries: { resource: string; code: string }[] = lines.map((line) => JSON.parse(line));
  return entries.map(({ resource, code }) => `${resource}: ${code}`);
}

/** Attempts to unseal that could not be entered in the log. */
function journalOf({ dataDir }: Installation): string[] {
  const file = join(dataDir, 'unseal-journal.ndjson');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).code);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
