import { ContractError } from './errors.ts';

/** Reads JSON. See strict-json.spec. */
export function parseStrictJson(text: string | Uint8Array): unknown {
  void text;
  throw new ContractError('malformed_json');
}
