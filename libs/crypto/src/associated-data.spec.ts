import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { associatedData } from './associated-data.ts';
import { CryptoError } from './errors.ts';

interface AadVector {
  readonly purpose: string;
  readonly fields: readonly (string | number | { readonly bytes: string })[];
  readonly aad: string;
}

const { vectors } = readVectors<AadVector>('holdfast-associated-data.json');

const field = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.maxSafeNat(),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);
const fields = fc.tuple(fc.string({ maxLength: 8 }), fc.array(field, { maxLength: 5 }));

describe('associatedData', () => {
  it.each(vectors)('is as in the vector of $purpose $fields', ({ purpose, fields, aad }) => {
    const given = fields.map((field) => (typeof field === 'object' ? Buffer.from(field.bytes, 'hex') : field));
    expect(associatedData(purpose, ...given).toString('hex')).toBe(aad);
  });

  it('is read back to exactly the fields it was made of, so no two lists share it', () => {
    fc.assert(
      fc.property(fields, ([purpose, rest]) => {
        expect(parsed(associatedData(purpose, ...rest))).toEqual([purpose, ...rest]);
      }),
    );
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('refuses the number %d', (number) => {
    expect(() => associatedData('value', number)).toThrow(new CryptoError('malformed'));
  });

  it('refuses a lone surrogate, which UTF-8 would turn into the same bytes as another', () => {
    expect(() => associatedData('value', '\ud800')).toThrow(new CryptoError('malformed'));
  });
});

type Field = string | number | Buffer;

/** The opposite of `associatedData`, written on its own: it exists only to show that nothing is ambiguous. */
function parsed(aad: Buffer): Field[] {
  const found: Field[] = [];
  let at = 'holdfast/v1'.length;
  while (at < aad.length) {
    const type = String.fromCodePoint(aad.readUInt8(at));
    const bytes = aad.subarray(at + 5, at + 5 + aad.readUInt32BE(at + 1));
    if (type === 's') found.push(bytes.toString());
    else if (type === 'n') found.push(Number(bytes.readBigUInt64BE()));
    else found.push(Buffer.from(bytes));
    at += 5 + bytes.length;
  }
  return found;
}
