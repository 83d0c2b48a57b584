import type { RequestOf } from '#contract';
import { Failure } from './failure.ts';
import { readDocuments } from './yaml-documents.ts';

/**
 * The issuers of a YAML text, one a document, with the keys of `jwks` in place of their own where it is given. What an issuer may say is the
 * server's to check.
 */
export function parseIssuers(text: string, jwks?: unknown): RequestOf<'putIssuer'>[] {
  return readDocuments(text, 'issuer').map((value) => {
    if (isNamed(value)) return jwks === undefined ? value : Object.assign(value, { jwks });
    throw new Failure('an issuer has a name', { hint: 'issuer: NAME' });
  });
}

/** All that the command needs of it. */
function isNamed(value: unknown): value is RequestOf<'putIssuer'> {
  return typeof value === 'object' && value !== null && 'issuer' in value && typeof value.issuer === 'string';
}
