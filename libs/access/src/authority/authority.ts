import { AuthzError, Bindings, type CommitObserver, type Expect, type Reader, type Role, type Row, type RowWrite } from '#authz';
import { CertificateAuthority, TrustBundles, type Clock, type Principal, type TokenKind } from '#identity';
import type { Keyring, UnsealedPart } from '#keys';
import { OperatorCertificates } from '../operators/operator-certificates.ts';
import {
  idOf,
  isRecordKind,
  openRow,
  RECORD_KINDS,
  recordWrite,
  type OperatorRecord,
  type RecordKind,
  type Records,
  type StoredKind,
  type StoredRecords,
} from './records.ts';
import { OpenedBundles } from '../trust/opened-bundles.ts';
import { Revocations } from '../trust/revocations.ts';
import { SessionUse } from '../sessions/session-life.ts';

/** A committed record, and the revision of its row. */
export interface Held<T> {
  readonly rev: number;
  readonly body: T;
}

/** The kinds' tables, by the keys of their rows. */
type Tables = { readonly [K in RecordKind]: Map<string, Held<Records[K]>> };

/**
 * Roles, operators, sessions, one-time tokens, revocations and trust bundles: who may come in and do what. All of it is read at unseal
 * and kept in memory, as of the last commit, so that deciding never waits. Sealed, it is empty and lets nobody in.
 */
export class Authority implements UnsealedPart, CommitObserver {
  readonly #clock: Clock;
  readonly #revisions = new Map<RecordKind, number>();
  #keyring: Keyring | undefined;
  #tables = emptyTables();
  #bindings = new Bindings();
  readonly #bundles = new OpenedBundles();
  #trustBundles = new TrustBundles([]);
  #trustChanged: () => void = () => undefined;
  #revocations = new Revocations();
  #issuing: CertificateAuthority | undefined;
  #operatorCertificates: OperatorCertificates | undefined;
  #operatorStandings = 0;
  /** When sessions were last used. */
  readonly sessionUse = new SessionUse();
  #lastRoleChange: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws KeysError `integrity_failed` for a row that does not open or lies where it does not belong */
  async unsealed(keyring: Keyring, reader: Reader): Promise<void> {
    const tables = emptyTables();
    for (const kind of RECORD_KINDS) {
      for await (const row of reader.every(kind)) hold(keyring, kind, row, tables);
    }
    this.#issuing = new CertificateAuthority(keyring.issuing, this.#clock);
    this.#keyring = keyring;
    this.#replace(tables);
  }

  sealing(): Promise<void> {
    this.#keyring = undefined;
    this.#issuing = undefined;
    this.#replace(emptyTables());
    return Promise.resolve();
  }

  committed(writes: readonly RowWrite[]): void {
    const keyring = this.#keyring;
    if (keyring === undefined) return;
    const changed = new Set<RecordKind>();
    for (const { kind, key, rev, sealed } of writes) {
      if (!isRecordKind(kind)) continue;
      changed.add(kind);
      const before = this.#tables.role.get(key);
      const revoked = this.#tables.revocation.get(key)?.body;
      const standing = this.#standingAt(kind, key);
      if (sealed === null) this.#tables[kind].delete(key);
      else hold(keyring, kind, { kind, key, rev, sealed }, this.#tables);
      if (kind === 'role') this.#rebind(before?.body, this.#tables.role.get(key)?.body);
      if (kind === 'revocation') this.#revocations.replace(revoked, this.#tables.revocation.get(key)?.body);
      if (standing !== this.#standingAt(kind, key)) this.#operatorStandings += 1;
    }
    for (const kind of changed) this.#changed(kind);
  }

  get sealed(): boolean {
    return this.#keyring === undefined;
  }

  /** How many commits have changed records of this kind. */
  revisionOf(kind: RecordKind): number {
    return this.#revisions.get(kind) ?? 0;
  }

  /** How often an operator came, went, was disabled or enabled, or got other groups or another certificate: what no sign-in does. */
  get operatorStandings(): number {
    return this.#operatorStandings;
  }

  /** The groups of an operator who is there and not disabled. */
  groupsOf(operator: string): readonly string[] {
    const { disabled, groups = [] } = this.find('operator', operator)?.body ?? {};
    return disabled === true ? [] : groups;
  }

  /** The roles that are bound to a caller, or to a group that it is in now, and those that they extend. None for a disabled operator. */
  rolesOf(caller: Pick<Principal, 'kind' | 'id'>): readonly Role[] {
    if (caller.kind !== 'operator' || this.sealed) return this.#bindings.rolesOf(caller);
    return this.rolesAs(this.find('operator', caller.id)?.body ?? { name: caller.id });
  }

  /** The roles that an operator would have, were it so. */
  rolesAs({ name, groups, disabled }: Pick<OperatorRecord, 'name' | 'groups' | 'disabled'>): readonly Role[] {
    return disabled === true ? [] : this.#bindings.rolesOf({ kind: 'operator', id: name }, groups);
  }

  /** Which operators client certificates stand for. */
  get operatorCertificates(): OperatorCertificates {
    return (this.#operatorCertificates ??= new OperatorCertificates(this.all('operator').map(({ body }) => body)));
  }

  get trustBundles(): TrustBundles {
    return this.#trustBundles;
  }

  /** Calls back whenever the CAs are others that are trusted. */
  onTrustChanged(changed: () => void): void {
    this.#trustChanged = changed;
  }

  get revocations(): Revocations {
    return this.#revocations;
  }

  /** That of the issuing CA; '' while sealed. */
  get ownTrustDomain(): string {
    return this.#issuing?.trustDomain ?? '';
  }

  /** @throws AuthzError `sealed` */
  get issuing(): CertificateAuthority {
    return this.#issuing ?? sealed();
  }

  /** @throws AuthzError `sealed` */
  find<K extends RecordKind>(kind: K, id: string): Held<Records[K]> | undefined {
    return this.#tables[kind].get(this.#opened().recordIndex(kind, id));
  }

  /** The role of a name. */
  readonly roles = (name: string): Role | undefined => this.find('role', name)?.body;

  all<K extends RecordKind>(kind: K): Held<Records[K]>[] {
    return [...this.#tables[kind].values()];
  }

  /**
   * The write that makes a record what `body` says, in place of `held`: what was found before anything was awaited, or undefined where
   * nothing was. If it has changed since, the write is stale.
   */
  put<K extends StoredKind>(kind: K, body: StoredRecords[K], held: Held<StoredRecords[K]> | undefined): RowWrite {
    return recordWrite(this.#opened(), kind, (held?.rev ?? 0) + 1, body);
  }

  /** The write that removes a record that was found. If it has changed since, the write is stale. */
  remove<K extends StoredKind>(kind: K, { rev, body }: Held<StoredRecords[K]>): RowWrite {
    return { kind, key: this.#opened().recordIndex(kind, idOf(kind, body)), rev: rev + 1, sealed: null };
  }

  /** A record that is not kept in memory, from the reader that the gate has handed out. @throws KeysError `integrity_failed` */
  async read<K extends StoredKind>(reader: Reader, kind: K, id: string): Promise<Held<StoredRecords[K]> | undefined> {
    const keyring = this.#opened();
    const row = await reader.find(kind, keyring.recordIndex(kind, id));
    return row && { rev: row.rev, body: openRow(keyring, kind, row) };
  }

  /** What a plan expects that rests on a record as it is now, or on there being none. @throws AuthzError `sealed` */
  expectation(kind: RecordKind, id: string): Expect {
    return { kind, key: this.#opened().recordIndex(kind, id), rev: this.find(kind, id)?.rev ?? 0 };
  }

  /** What a plan expects that rests on a record as it was found. */
  asFound<K extends StoredKind>(kind: K, { rev, body }: Held<StoredRecords[K]>): Expect {
    return { kind, key: this.#opened().recordIndex(kind, idOf(kind, body)), rev };
  }

  /** Changes of roles and of operators come one after the other: whether somebody still administers rests on all of them together. */
  changeRoles<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#lastRoleChange.then(change, change);
    this.#lastRoleChange = turn;
    return turn;
  }

  /** What is kept of a token in its place. @throws AuthzError `sealed` */
  hashOf(kind: TokenKind | 'recovery', token: string): string {
    return this.#opened().tokenHash(kind, token);
  }

  #bodies<K extends RecordKind>(kind: K): Records[K][] {
    return this.all(kind).map(({ body }) => body);
  }

  #opened(): Keyring {
    return this.#keyring ?? sealed();
  }

  #standingAt(kind: RecordKind, key: string): string | undefined {
    const operator = kind === 'operator' ? this.#tables.operator.get(key)?.body : undefined;
    return operator && JSON.stringify([operator.disabled === true, operator.groups ?? [], operator.certificate]);
  }

  #rebind(before: Role | undefined, after: Role | undefined): void {
    if (before) this.#bindings.delete(before.role);
    if (after) this.#bindings.put(after);
  }

  #replace(tables: Tables): void {
    this.#tables = tables;
    this.#operatorStandings += 1;
    this.#bindings = new Bindings(this.all('role').map(({ body }) => body));
    this.#revocations = new Revocations(this.all('revocation').map(({ body }) => body));
    for (const kind of RECORD_KINDS) this.#changed(kind);
  }

  #changed(kind: RecordKind): void {
    this.#revisions.set(kind, this.revisionOf(kind) + 1);
    if (kind === 'operator') this.#operatorCertificates = undefined;
    if (kind !== 'trust-bundle' && kind !== 'crl') return;
    this.#trustBundles = this.#bundles.of(this.#bodies('trust-bundle'), this.#bodies('crl'));
    if (kind === 'trust-bundle') this.#trustChanged();
  }
}

function emptyTables(): Tables {
  return {
    role: new Map(),
    'deleted-role': new Map(),
    approval: new Map(),
    operator: new Map(),
    'second-factor': new Map(),
    session: new Map(),
    enrolment: new Map(),
    revocation: new Map(),
    'trust-bundle': new Map(),
    crl: new Map(),
    issuer: new Map(),
    'jwt-use': new Map(),
    provider: new Map(),
    'certificate-line': new Map(),
  };
}

function hold<K extends RecordKind>(keyring: Keyring, kind: K, row: Row, tables: Tables): void {
  const table: Map<string, Held<Records[K]>> = tables[kind];
  table.set(row.key, { rev: row.rev, body: openRow(keyring, kind, row) });
}

function sealed(): never {
  throw new AuthzError('sealed');
}
