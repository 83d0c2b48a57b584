import { createPrivateKey, createPublicKey } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { openNote, signNote, verifierKey } from './note.ts';

interface NoteVector {
  readonly comment: string;
  readonly note: string;
  readonly verifierKey: string;
  readonly result: string;
}

const { vectors, signer } = readVectors<NoteVector, { signer: { name: string; seed: string } }>('c2sp-signed-note.json');
const PKCS8_PREFIX = '302e020100300506032b657004220420';
const privateKey = createPrivateKey({ key: Buffer.from(PKCS8_PREFIX + signer.seed, 'hex'), format: 'der', type: 'pkcs8' });
const [signed = { note: '', verifierKey: '' }] = vectors;

function outcome(note: string, key: string): string {
  try {
    openNote(note, key);
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

describe('a signed note', () => {
  it.each(vectors)('$comment: $result', ({ note, verifierKey, result }) => {
    expect(outcome(note, verifierKey)).toBe(result);
  });

  it('is signed to the published bytes', () => {
    const text = openNote(signed.note, signed.verifierKey);
    expect(signNote(text, { name: signer.name, privateKey })).toBe(signed.note);
    expect(verifierKey(signer.name, createPublicKey(privateKey))).toBe(signed.verifierKey);
  });

  it('opens to any text that was signed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !/\p{Cc}/u.test(line))), (lines) => {
        const text = `${lines.join('\n')}\n`;
        expect(openNote(signNote(text, { name: signer.name, privateKey }), signed.verifierKey)).toBe(text);
      }),
    );
  });

  it('is refused with any part or altered character of its key', () => {
    const key = signed.verifierKey;
    const starts = Array.from(key, (_, start) => start);
    const parts = starts.flatMap((start) => starts.map((length) => key.slice(start, start + length)));
    for (const part of parts) expect(outcome(signed.note, part)).toBe('malformed_verifier_key');
    for (const [i, character] of [...key].entries()) {
      const altered = key.slice(0, i) + String.fromCharCode(character.charCodeAt(0) + 1) + key.slice(i + 1);
      expect(outcome(signed.note, altered)).toBe('malformed_verifier_key');
    }
  });

  it('is never opened when a character of it was changed', () => {
    fc.assert(
      fc.property(fc.nat(signed.note.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(signed.note[at] !== character);
        expect(outcome(signed.note.slice(0, at) + character + signed.note.slice(at + 1), signed.verifierKey)).not.toBe('ok');
      }),
    );
  });

  it('answers any text with one of its codes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(outcome(text, signed.verifierKey)).toBe('malformed_note');
      }),
    );
  });
});
