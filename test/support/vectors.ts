import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Vectors are never edited, only added: with a file of their own, and a row here. */
const KNOWN: Record<string, { readonly count: number; readonly sha256: string }> = {
  'c2sp-signed-note.json': { count: 19, sha256: '4ec35179e39426aa26cbecef21234e5d0e68c27abcb5f13b13b7da849a99b06f' },
  'c2sp-tlog-checkpoint.json': { count: 4, sha256: '167c5da6761c27a776b80bcb93e0fc8cb5452308615546c76d5685a8bbba64cb' },
  'c2sp-xaes-256-gcm.json': { count: 2, sha256: '1fccdc9455a9b334313ff97814e25eadf957eba5754ce731830f1bdf7b96437f' },
  'holdfast-associated-data.json': { count: 16, sha256: '1fee4e2f56654cdaa12131932e6fe2bc1ae3e5efc0cba7e86492eab379f8ce7a' },
  'holdfast-envelope.json': { count: 13, sha256: '3f220221521b80eb68686143ff7da75dd58f8565635db05bd08186129313f223' },
  'holdfast-keyed-hashes.json': { count: 11, sha256: '5f7b16da6abf407a198a449efaa85f80d052070031deae9a0cd78a1b08aca5e1' },
  'rfc6962-merkle-tree.json': { count: 9, sha256: '84cff3f5530e1e99bd02f5eb1c922a426607ba886377a6a615fbe25b0d121343' },
  'wycheproof-aes-256-gcm.json': { count: 66, sha256: '70dc660654021629d39f19cdd1481f7118d322fcfc797422d8eb81c1996af0e8' },
};

/** The names of all vector files. */
export const VECTOR_FILES: readonly string[] = Object.keys(KNOWN);

/** Reads a vector file of `test/vectors`, once it has its known hash and number of vectors. */
export function readVectors<V, More = object>(name: string): { readonly vectors: readonly V[] } & More {
  const file = readFileSync(new URL(`../vectors/${name}`, import.meta.url));
  const found = { count: JSON.parse(file.toString()).vectors.length, sha256: createHash('sha256').update(file).digest('hex') };
  const known = KNOWN[name];
  if (!known || found.count !== known.count || found.sha256 !== known.sha256)
    throw new Error(`${name} has changed: ${JSON.stringify(found)}`);
  return JSON.parse(file.toString());
}
