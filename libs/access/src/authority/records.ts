import type { Action, Role, Row, RowWrite } from '#authz';
import type { Keyring } from '#keys';
import type { Issuer } from '../issuers/issuer.ts';
import type { ProviderRecord } from '../providers/provider-record.ts';

/** One change of a role, by which it has this version. Versions go on where a role is deleted and made anew. */
interface RoleChange {
  readonly role: string;
  readonly version: number;
  readonly updatedAt: string;
  /** Written as bindings are. */
  readonly updatedBy: string;
  readonly reason?: string;
}

/** A role as it is kept. */
export interface StoredRole extends Role, RoleChange {}

/** What is left of a deleted role beside its earlier versions. */
export interface DeletedRole extends RoleChange {
  readonly deleted: true;
}

/** What a change made of a role. */
export type RoleVersion = StoredRole | DeletedRole;

/** An operator. What changes with every sign-in is elsewhere, so that none of them moves `Policy.revision`. */
export interface OperatorRecord {
  readonly name: string;
  /** PHC form of argon2id; none until an invitation is taken, and for who signs in at a provider or with a certificate only. */
  readonly password?: string;
  /** Whom the name belongs to, at which provider's issuer: nobody else gets it there, whatever that issuer calls them. */
  readonly oidc?: { readonly provider: string; readonly issuer: string; readonly subject: string };
  /** The client certificate that it may come with: a SPIFFE ID, or `sha256:<hex>` of the public key. */
  readonly certificate?: string;
  /** Which `group:NAME` it answers to. */
  readonly groups?: readonly string[];
  /** Lets it in nowhere, and gives it no role. */
  readonly disabled?: boolean;
  readonly createdAt: string;
}

/** What an operator signs in with beside its password. It changes with every sign-in. */
export interface SecondFactorRecord {
  readonly operator: string;
  /** Of TOTP (RFC 6238), in base32. */
  readonly secret: string;
  /** The last time step whose code was taken: neither its code nor an earlier one is taken again. */
  readonly lastStep: number;
  /** Keyed hashes of the recovery codes that were not used. */
  readonly recovery: readonly string[];
  /** Until then a first code has to confirm it; none once one has. Before that it is asked for by nobody. */
  readonly pendingUntil?: string;
}

/** `id` is the keyed hash of the session's token: public, and no way back to it. */
export interface SessionRecord {
  readonly id: string;
  readonly operator: string;
  /** Where it was opened at a provider. */
  readonly method?: 'oidc';
  /** How many were given to open it; none was counted in a record from before. */
  readonly factors?: 1 | 2;
  /** The address from which it was opened. */
  readonly peer?: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** A one-time token. `id` is its keyed hash. */
export interface EnrolmentRecord {
  readonly id: string;
  /** Whose first certificate it gets. */
  readonly spiffeId?: string;
  /** Who sets its password with it; neither for the token that makes the first operator. */
  readonly operator?: string;
  readonly createdBy: string;
  /** Until then it may be used or, once it has been, be shown again with the same key. */
  readonly expiresAt: string;
  readonly used?: { readonly spkiHash: string; readonly chain: string };
}

/** What `subject` may be: `revocations.ts`. */
export interface RevocationRecord {
  readonly subject: string;
  readonly revokedAt: string;
  readonly revokedBy: string;
}

export interface TrustBundleRecord {
  readonly trustDomain: string;
  /** PEM, one certificate each. */
  readonly certificates: readonly string[];
  /** What a SPIFFE bundle document said of itself. */
  readonly sequence?: number;
  readonly refreshHint?: number;
  /** Of what `init` made nobody says. */
  readonly updatedAt?: string;
  readonly updatedBy?: string;
}

/** The revocation lists of a trust domain's CAs. */
export interface CrlRecord {
  readonly trustDomain: string;
  /** Base64 of DER, one list each. */
  readonly lists: readonly string[];
}

/** An issuer as it is kept. `version` counts its changes. */
export interface StoredIssuer extends Issuer {
  readonly version: number;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** What a token of an issuer has got so far, by the keys that it was shown with. */
export interface JwtUseRecord {
  /** `jwt:<issuer's name>:<id of the token>` */
  readonly id: string;
  readonly uses: readonly { readonly spkiHash: string; readonly chain: string; readonly notAfter: string }[];
  /** From then on neither the token nor anything that it got is good. */
  readonly expiresAt: string;
}

/** The first certificate of a workload and those that renewed one another, as far as the next renewal has to know. */
export interface CertificateLineRecord {
  /** Lower-case hex. */
  readonly id: string;
  readonly spiffeId: string;
  /** Of the latest certificate, from 1. */
  readonly generation: number;
  readonly spkiHash: string;
  readonly chain: string;
  readonly notAfter: string;
  /** When the last of its certificates is over. */
  readonly expiresAt: string;
  /** Who made the one-time token of the first, or `issuer:NAME`. */
  readonly enrolledBy: string;
  /** Of each certificate: seconds, where the rule that it began by says so, and names beside the SPIFFE ID. */
  readonly ttl?: number;
  readonly dnsNames?: readonly string[];
}

/** That somebody wants to do something that takes a second person. It counts for one caller, one action and one resource. */
export interface ApprovalRecord {
  readonly id: string;
  readonly caller: { readonly kind: 'workload' | 'operator'; readonly id: string };
  readonly action: Action;
  readonly resource: string;
  readonly reason: string;
  /** Whether it is good for one use. */
  readonly once: boolean;
  /** Seconds that it waits for an answer and, from then on, may be used. */
  readonly ttl: number;
  readonly state: 'pending' | 'approved' | 'denied';
  readonly requestedAt: string;
  /** Of the state that it is in. */
  readonly expiresAt: string;
  /** Whoever made the token that the workload began with, as far as that is known. */
  readonly enrolledBy?: string;
  readonly decision?: { readonly by: string; readonly at: string; readonly reason?: string };
  readonly uses: number;
}

/** The records that are kept in memory, by the kind of their rows. */
export interface Records {
  readonly role: StoredRole;
  readonly 'deleted-role': DeletedRole;
  readonly approval: ApprovalRecord;
  readonly operator: OperatorRecord;
  readonly 'second-factor': SecondFactorRecord;
  readonly session: SessionRecord;
  readonly enrolment: EnrolmentRecord;
  readonly revocation: RevocationRecord;
  readonly 'trust-bundle': TrustBundleRecord;
  readonly crl: CrlRecord;
  readonly issuer: StoredIssuer;
  readonly 'jwt-use': JwtUseRecord;
  readonly provider: ProviderRecord;
  readonly 'certificate-line': CertificateLineRecord;
}

/** Those, and the ones that are looked up in the database when somebody asks. */
export interface StoredRecords extends Records {
  readonly 'role-version': RoleVersion;
}

export type RecordKind = keyof Records;
export type StoredKind = keyof StoredRecords;

/** What a record is called: its row lies where this belongs. */
const ID_OF: { readonly [K in StoredKind]: (body: StoredRecords[K]) => string } = {
  role: ({ role }) => role,
  'role-version': ({ role, version }) => `${role}/${version}`,
  'deleted-role': ({ role }) => role,
  approval: ({ id }) => id,
  operator: ({ name }) => name,
  'second-factor': ({ operator }) => operator,
  session: ({ id }) => id,
  enrolment: ({ id }) => id,
  revocation: ({ subject }) => subject,
  'trust-bundle': ({ trustDomain }) => trustDomain,
  crl: ({ trustDomain }) => trustDomain,
  issuer: ({ issuer }) => issuer,
  'jwt-use': ({ id }) => id,
  provider: ({ name }) => name,
  'certificate-line': ({ id }) => id,
};

export const RECORD_KINDS = Object.keys(ID_OF).filter(isRecordKind);

export function isRecordKind(kind: string): kind is RecordKind {
  return kind in ID_OF && kind !== 'role-version';
}

export function idOf<K extends StoredKind>(kind: K, body: StoredRecords[K]): string {
  return ID_OF[kind](body);
}

/** The write that makes a record what `body` says, at revision `rev`. */
export function recordWrite<K extends StoredKind>(keyring: Keyring, kind: K, rev: number, body: StoredRecords[K]): RowWrite {
  const id = idOf(kind, body);
  return { kind, key: keyring.recordIndex(kind, id), rev, sealed: keyring.sealRecord(kind, id, rev, body) };
}

/** Opens a row that lies where the record in it belongs. @throws KeysError `integrity_failed` */
export function openRow<K extends StoredKind>(keyring: Keyring, kind: K, row: Row): StoredRecords[K] {
  return keyring.openFound<StoredRecords[K]>(row, ID_OF[kind]);
}
