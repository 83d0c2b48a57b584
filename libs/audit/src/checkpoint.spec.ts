import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { signNote, verifierKey } from './note.ts';

interface CheckpointVector {
  readonly comment: string;
  readonly note: string;
  readonly verifierKey: string;
  readonly result: string;
  readonly origin?: string;
  readonly size?: number;
  readonly root?: string;
}

const { vectors } = readVectors<CheckpointVector>('c2sp-tlog-checkpoint.json');
const ORIGIN = 'acme.internal/00112233/1';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const KEY = verifierKey(ORIGIN, publicKey);
const ROOT = Buffer.alloc(32, 7);
const sign = (text: string): string => signNote(text, { name: ORIGIN, privateKey });

describe('a checkpoint', () => {
  it.each(vectors.filter(({ result }) => result === 'ok'))('$comment is read', ({ note, verifierKey, origin, size, root }) => {
    const checkpoint = parseCheckpoint(note, verifierKey);
    expect({ ...checkpoint, root: checkpoint.root.toString('hex') }).toEqual({ origin, size, root });
    expect(note.startsWith(formatCheckpoint(checkpoint))).toBe(true);
  });

  it.each(vectors.filter(({ result }) => result !== 'ok'))('$comment: $result', ({ note, verifierKey, result }) => {
    expect(() => parseCheckpoint(note, verifierKey)).toThrow(expect.objectContaining({ code: result }));
  });

  it('reads back as it was signed, at any size', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, bytes) => {
        const checkpoint = { origin: ORIGIN, size, root: Buffer.from(bytes) };
        expect(parseCheckpoint(sign(formatCheckpoint(checkpoint)), KEY)).toEqual(checkpoint);
      }),
    );
  });

  const root = ROOT.toString('base64');
  it.each([
    ['a leading zero', `${ORIGIN}\n01\n${root}\n`],
    ['a negative size', `${ORIGIN}\n-1\n${root}\n`],
    ['a size past 2^53', `${ORIGIN}\n9007199254740992\n${root}\n`],
    ['a size in another base', `${ORIGIN}\n0x10\n${root}\n`],
    ['no size', `${ORIGIN}\n\n${root}\n`],
    ['a short root', `${ORIGIN}\n1\n${ROOT.subarray(1).toString('base64')}\n`],
    ['a root that is not base64', `${ORIGIN}\n1\n${root.replace('B', '-')}\n`],
    ['a root with surplus bits', `${ORIGIN}\n1\n${root.replace(/.=$/, 'd=')}\n`],
    ['another origin', `acme.internal/00112233/2\n1\n${root}\n`],
    ['an extension line', `${ORIGIN}\n1\n${root}\nmore\n`],
    ['two lines only', `${ORIGIN}\n1\n`],
  ])('with %s is refused though its signature verifies', (_, text) => {
    expect(() => parseCheckpoint(sign(text), KEY)).toThrow(expect.objectContaining({ code: 'malformed_checkpoint' }));
  });
});
