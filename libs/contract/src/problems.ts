/**
 * Every problem the API answers with. The list is closed: a code is a promise to clients, and the log's entries carry the same
 * codes. Titles are constant, so that no problem can hold a secret.
 */
export const PROBLEMS = {
  malformed_target: { status: 400, title: 'the request target is not in its one accepted form' },
  malformed_request: { status: 400, title: 'the request is not well-formed HTTP' },
  malformed_json: { status: 400, title: 'the body is not strict JSON' },
  duplicate_key: { status: 400, title: 'a JSON object names a key twice' },
  forbidden_key: { status: 400, title: 'a JSON object uses a key that no object may have' },
  json_too_complex: { status: 400, title: 'the JSON nests too deeply or holds too many values' },
  invalid_request: { status: 400, title: 'the request does not fit its schema' },
  several_credentials: { status: 400, title: 'a request carries one credential' },
  invalid_path: { status: 400, title: 'the path is not a secret path' },
  invalid_data: { status: 400, title: 'the data is not what a secret can hold' },
  invalid_cursor: { status: 400, title: 'the cursor does not belong to this list' },
  invalid_role: { status: 400, title: 'the role is not valid' },
  invalid_question: { status: 400, title: 'the caller, the action or the resource is not one' },
  invalid_spiffe_id: { status: 400, title: 'the SPIFFE id is not valid' },
  invalid_name: { status: 400, title: 'the name is not valid' },
  invalid_issuer: { status: 400, title: 'the definition of the issuer is not valid' },
  invalid_provider: { status: 400, title: 'the provider is not valid' },
  redirect_refused: { status: 400, title: 'the redirect URI is not one of the provider' },
  trust_bundle_refused: { status: 400, title: 'the trust bundle can not be used' },
  crl_refused: { status: 400, title: 'the revocation list can not be used' },
  csr_refused: { status: 400, title: 'the certificate request can not be granted' },
  csr_asks_for_more: { status: 400, title: 'the certificate request asks for more than its one SPIFFE id' },
  password_too_short: { status: 400, title: 'a password has at least 15 characters' },
  password_too_long: { status: 400, title: 'a password has at most 1,024 characters' },
  password_common: { status: 400, title: 'the password is among the first that are guessed' },
  password_malformed: { status: 400, title: 'the password holds characters that it can not' },
  unknown_slot: { status: 400, title: 'there is no such key slot' },
  reserved_namespace: { status: 400, title: 'the namespace is reserved' },
  unauthenticated: { status: 401, title: 'this needs a certificate, a session or an operator token' },
  certificate_refused: { status: 401, title: 'the client certificate is not accepted' },
  session_refused: { status: 401, title: 'the session is not valid, or no longer' },
  token_refused: { status: 401, title: 'the token is not valid, or no longer' },
  invalid_credentials: { status: 401, title: 'the name, the password or the code is wrong' },
  second_factor_required: { status: 401, title: 'a code of the second factor is needed as well' },
  sign_in_refused: { status: 401, title: 'what came from the provider does not sign anybody in here' },
  wrong_key: { status: 401, title: 'this does not open the key slot' },
  bootstrap_refused: { status: 401, title: 'the bootstrap token is wrong' },
  denied: { status: 403, title: 'the caller may not do this' },
  line_locked: { status: 403, title: 'two keys have renewed one certificate: its line is locked' },
  not_renewable: { status: 403, title: 'the certificate is not one that this server renews' },
  approval_needed: { status: 403, title: 'the caller may do this with the approval of a second operator' },
  unknown_route: { status: 404, title: 'there is no such route' },
  not_found: { status: 404, title: 'there is nothing at this name' },
  version_unavailable: { status: 404, title: 'the version is deleted, destroyed, expired or was never there' },
  method_not_allowed: { status: 405, title: 'the route does not know this method' },
  not_acceptable: { status: 406, title: 'none of the accepted media types can be given' },
  request_timeout: { status: 408, title: 'the request took too long to arrive' },
  conflict: { status: 409, title: 'the state has moved on' },
  ambiguous_name: { status: 409, title: 'two fields would become the same environment variable' },
  dangerous_name: { status: 409, title: 'a field would become an environment variable that changes how programs run' },
  unrepresentable_value: { status: 409, title: 'a value can not be written in the format asked for' },
  already_initialized: { status: 409, title: 'the server is initialized already' },
  not_initialized: { status: 409, title: 'the server is not initialized' },
  already_unsealed: { status: 409, title: 'the server is unsealed already' },
  body_too_large: { status: 413, title: 'the body is larger than the route takes' },
  too_many_items: { status: 413, title: 'the answer would hold too many items' },
  unsupported_media_type: { status: 415, title: 'the body is not application/json, as it stands' },
  too_many_requests: { status: 429, title: 'too many requests' },
  headers_too_large: { status: 431, title: 'the request headers are too large' },
  internal_error: { status: 500, title: 'something went wrong inside the server' },
  integrity_failed: { status: 500, title: 'a stored record does not open: it was altered or moved' },
  issuer_unreachable: { status: 502, title: 'the issuer can not be reached, or answers with what it should not' },
  review_unavailable: { status: 503, title: 'the Kubernetes API server does not review tokens now, so none is accepted' },
  sealed: { status: 503, title: 'the server is sealed' },
  storage_unavailable: { status: 503, title: 'nothing can be recorded now, so nothing is done' },
  slot_file_damaged: { status: 503, title: 'the slot file is damaged or was altered' },
  log_damaged: { status: 503, title: 'the audit log in the database is not the one that was written' },
  log_behind_checkpoint: { status: 503, title: 'the audit log in the database ends before its last signed checkpoint' },
  clock_before_log: { status: 503, title: 'the clock is behind the last entry of the audit log' },
  authority_rolled_back: { status: 503, title: 'roles, operators or keys in the database are not the ones that the log left' },
  overloaded: { status: 503, title: 'too many answers are waiting to be read' },
  contended: { status: 503, title: 'too many changes of the same thing at once' },
  draining: { status: 503, title: 'the server is stopping' },
} as const;

/** One of the closed list of problem codes. */
export type ProblemCode = keyof typeof PROBLEMS;

/** An error answer, RFC 9457 `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly requestId: string;
  readonly hint?: string;
}

/** The problem for a code, with the request id that its entry in the log carries. `hint` must be free of secrets. */
export function problem(code: ProblemCode, requestId: string, hint?: string): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:holdfast:problem:${code}`, title, status, code, requestId, ...(hint === undefined ? {} : { hint }) };
}
