import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TestAuthority } from '../../../../test/support/certificates.ts';
import { readCertificate } from './certificate-fields.ts';
import { DerError, readElements, readOnly, Tag } from './der.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('the DER reader', () => {
  it('reads elements one after the other', () => {
    expect(readElements(hex('0201050400')).map(({ tag, contents }) => [tag, contents.toString('hex')])).toEqual([
      [Tag.integer, '05'],
      [Tag.octetString, ''],
    ]);
  });

  it.each([
    ['02', 'no length'],
    ['020105ff', 'trailing bytes that are no element'],
    ['020205', 'a length beyond the end'],
    ['0280050000', 'an indefinite length'],
    ['02810105', 'a long form where the short one does'],
    ['0282008005', 'a length with a leading zero'],
    ['0285000000000105', 'a length of five octets'],
    ['1f810105', 'a high tag number'],
  ])('refuses %s: %s', (bytes) => {
    expect(() => readElements(hex(bytes))).toThrow(DerError);
  });

  it('takes nothing beside the one element it is asked for', () => {
    expect(() => readOnly(hex('30000500'), Tag.sequence)).toThrow(DerError);
    expect(() => readOnly(hex('3100'), Tag.sequence)).toThrow(DerError);
  });

  it('gives up on arbitrary bytes with its own error and no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expectDerErrorOrNothing(() => readCertificate(Buffer.from(bytes)));
      }),
    );
  });

  it('gives up on a certificate with one byte changed with its own error and no other', async () => {
    const root = await TestAuthority.root('root');
    const { certificate } = await root.workload('spiffe://td/a');
    fc.assert(
      fc.property(fc.nat(certificate.raw.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(certificate.raw);
        changed.writeUInt8(changed.readUInt8(at) ^ flip, at);
        expectDerErrorOrNothing(() => readCertificate(changed));
      }),
      { numRuns: 2000 },
    );
  });
});

function expectDerErrorOrNothing(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(DerError);
  }
}
