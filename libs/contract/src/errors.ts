const TEXTS = {
  malformed_json: 'the body is not strict JSON',
  duplicate_key: 'a JSON object names a key twice',
  forbidden_key: 'a JSON object uses a key that no object may have',
  json_too_complex: 'the JSON nests too deeply or holds too many values',
  invalid_request: 'the request does not fit its schema',
  ambiguous_name: 'two fields would become the same environment variable',
  dangerous_name: 'a field would become an environment variable that changes how programs run',
  unrepresentable_value: 'a value can not be written in the format asked for',
} as const;

/** Why a message does not fit the contract. Each is a problem code too. */
export type ContractCode = keyof typeof TEXTS;

/** A message that does not fit the contract. `hint` names a place in it, never what was there. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: ContractCode;
  readonly hint?: string;

  constructor(code: ContractCode, hint?: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}
