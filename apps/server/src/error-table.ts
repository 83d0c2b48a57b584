import { HttpException } from '@nestjs/common';
import { AccessError, type AccessCode } from '#access';
import { AuditError, type AuditCode } from '#audit';
import { AuditingError, type AuditingCode } from '#auditing';
import { AuthzError, type AuthzCode } from '#authz';
import { ContractError, type ProblemCode } from '#contract';
import { CryptoError, type CryptoCode } from '#crypto';
import { IdentityError, PasswordError, type IdentityCode, type PasswordCode } from '#identity';
import { KeysError, type KeysCode } from '#keys';
import { SecretsError, type SecretsCode } from '#secrets';
import { StorageError, type StorageCode } from '#storage';
import { Refusal, type RefusalDetail } from './http/refusal.ts';

/** What an error is answered as. `recorded` says that the operation it came from has left its entry already. */
export interface FoundProblem extends RefusalDetail {
  readonly code: ProblemCode;
  readonly recorded: boolean;
}

const AUTHZ = {
  denied: 'denied',
  approval_needed: 'approval_needed',
  invalid_role: 'invalid_role',
  invalid_question: 'invalid_question',
  sealed: 'sealed',
  storage_unavailable: 'storage_unavailable',
  row_refused: 'internal_error',
  contended: 'contended',
} as const satisfies Record<AuthzCode, ProblemCode>;

const CRYPTO = {
  authentication_failed: 'integrity_failed',
  malformed: 'integrity_failed',
  wiped: 'sealed',
} as const satisfies Record<CryptoCode, ProblemCode>;

const IDENTITY = {
  invalid_spiffe_id: 'invalid_spiffe_id',
  invalid_trust_domain: 'invalid_spiffe_id',
  invalid_trust_bundle: 'integrity_failed',
  trust_bundle_refused: 'trust_bundle_refused',
  crl_refused: 'crl_refused',
  malformed_csr: 'csr_refused',
  csr_not_proven: 'csr_refused',
  csr_asks_for_more: 'csr_asks_for_more',
  csr_weak_key: 'csr_refused',
  invalid_issuer: 'invalid_issuer',
  too_many_requests: 'too_many_requests',
} as const satisfies Record<IdentityCode, ProblemCode>;

const PASSWORD = {
  password_too_short: 'password_too_short',
  password_too_long: 'password_too_long',
  password_common: 'password_common',
  password_malformed: 'password_malformed',
} as const satisfies Record<PasswordCode, ProblemCode>;

const AUDIT = {
  bad_signature: 'integrity_failed',
  unknown_signer: 'integrity_failed',
  malformed_note: 'integrity_failed',
  malformed_checkpoint: 'integrity_failed',
  malformed_verifier_key: 'integrity_failed',
  malformed_tree: 'integrity_failed',
  malformed_batch: 'integrity_failed',
  malformed_export: 'integrity_failed',
} as const satisfies Record<AuditCode, ProblemCode>;

const AUDITING = {
  sealed: 'sealed',
  log_damaged: 'log_damaged',
  log_behind_checkpoint: 'log_behind_checkpoint',
  clock_before_log: 'clock_before_log',
} as const satisfies Record<AuditingCode, ProblemCode>;

const STORAGE = {
  database_in_use: 'storage_unavailable',
  database_plain_text: 'integrity_failed',
  database_altered: 'integrity_failed',
  database_newer: 'storage_unavailable',
  wrong_key: 'integrity_failed',
  authority_rolled_back: 'authority_rolled_back',
  engine_too_old: 'storage_unavailable',
  not_durable: 'storage_unavailable',
  not_private: 'storage_unavailable',
  commit_unknown: 'storage_unavailable',
  file_unavailable: 'storage_unavailable',
} as const satisfies Record<StorageCode, ProblemCode>;

const KEYS = {
  wrong_key: 'wrong_key',
  unknown_slot: 'unknown_slot',
  already_initialized: 'already_initialized',
  not_initialized: 'not_initialized',
  already_unsealed: 'already_unsealed',
  sealed: 'sealed',
  integrity_failed: 'integrity_failed',
  slot_file_damaged: 'slot_file_damaged',
  bootstrap_refused: 'bootstrap_refused',
  too_many_requests: 'too_many_requests',
} as const satisfies Record<KeysCode, ProblemCode>;

const ACCESS = {
  certificate_refused: 'certificate_refused',
  session_refused: 'session_refused',
  token_refused: 'token_refused',
  invalid_credentials: 'invalid_credentials',
  second_factor_required: 'second_factor_required',
  too_many_requests: 'too_many_requests',
  invalid_name: 'invalid_name',
  not_found: 'not_found',
  conflict: 'conflict',
  csr_refused: 'csr_refused',
  invalid_provider: 'invalid_provider',
  redirect_refused: 'redirect_refused',
  sign_in_refused: 'sign_in_refused',
  review_unavailable: 'review_unavailable',
  line_locked: 'line_locked',
  not_renewable: 'not_renewable',
  issuer_unreachable: 'issuer_unreachable',
} as const satisfies Record<AccessCode, ProblemCode>;

const SECRETS = {
  invalid_path: 'invalid_path',
  invalid_data: 'invalid_data',
  not_found: 'not_found',
  version_unavailable: 'version_unavailable',
  conflict: 'conflict',
  too_many_items: 'too_many_items',
  reserved_namespace: 'reserved_namespace',
  invalid_cursor: 'invalid_cursor',
} as const satisfies Record<SecretsCode, ProblemCode>;

type Coded<C extends string> = Error & { readonly code: C; readonly hint?: string };
type Lookup = (error: unknown) => FoundProblem | undefined;

/** One room's error with a problem for each of its codes: a new code does not compile without its row. */
function room<C extends string>(type: abstract new (...args: never[]) => Coded<C>, problems: Readonly<Record<C, ProblemCode>>): Lookup {
  return (error) => (error instanceof type ? { code: problems[error.code], hint: error.hint, recorded: true } : undefined);
}

const ROOMS: readonly Lookup[] = [
  room(AuthzError, AUTHZ),
  room(SecretsError, SECRETS),
  room(AccessError, ACCESS),
  room(KeysError, KEYS),
  room(IdentityError, IDENTITY),
  room(PasswordError, PASSWORD),
  room(AuditingError, AUDITING),
  room(AuditError, AUDIT),
  room(CryptoError, CRYPTO),
  room(StorageError, STORAGE),
];

/** What Nest's and Fastify's own errors mean here. Their texts quote the request and go nowhere. */
const STATUSES: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed_request',
  403: 'denied',
  404: 'unknown_route',
  408: 'request_timeout',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
};

/** What an error is answered as, whatever it is. */
export function findProblem(error: unknown): FoundProblem {
  if (error instanceof Refusal) return { code: error.code, recorded: false, ...error.detail };
  if (error instanceof ContractError) return { code: error.code, hint: error.hint, recorded: false };
  if (error instanceof HttpException) return { code: STATUSES[error.getStatus()] ?? 'internal_error', recorded: false };
  for (const lookup of ROOMS) {
    const found = lookup(error);
    if (found !== undefined) return found;
  }
  // The peer went away in the middle of its request: nothing is wrong with this server.
  if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return { code: 'malformed_request', recorded: false };
  return { code: 'internal_error', recorded: false };
}
