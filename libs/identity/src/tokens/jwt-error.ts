/** Why a token proves nothing: the first defect found. It goes into the log's entry. */
export type JwtDefect =
  | 'malformed_jwt'
  | 'unknown_issuer'
  | 'bad_signature'
  | 'jwt_expired'
  | 'jwt_not_yet_valid'
  | 'jwt_long_lived'
  | 'wrong_audience'
  | 'not_pod_bound'
  | 'review_refused'
  | 'no_rule'
  | 'several_rules'
  | 'invalid_claim'
  | 'jwt_used_up';

/** Of these, nobody on record has signed the token: its sender is told nothing. */
const UNSIGNED: ReadonlySet<JwtDefect> = new Set(['malformed_jwt', 'unknown_issuer', 'bad_signature']);

/** A token that proves nothing. Its text is constant: nothing of the token is in it. */
export class JwtError extends Error {
  override readonly name = 'JwtError';
  readonly defect: JwtDefect;

  constructor(defect: JwtDefect) {
    super('the token does not prove who sends it');
    this.defect = defect;
  }

  /** Whether an issuer on record did make it, so that its sender may know what is wrong. */
  get isSigned(): boolean {
    return !UNSIGNED.has(this.defect);
  }
}
