import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { BlockList, CompactTree, type EntryDraft, completeEntry, entryBytes, exportHeader, exportTrailer, formatCheckpoint } from '#audit';
import { leafHash, signNote, verifierKey } from '#audit';

/** An export of a made-up log, line by line, and the key that signed it. */
export interface ExampleExport {
  readonly header: Buffer;
  readonly entries: Buffer[];
  readonly trailer: Buffer;
  readonly verifierKey: string;
  readonly privateKey: KeyObject;
}

const EXAMPLE_ORIGIN = 'log.example/00112233/1';

/** A log of `size` entries whose server restarted after every `run` of them. */
export function exampleExport(size: number, run = size): ExampleExport {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = verifierKey(EXAMPLE_ORIGIN, publicKey);
  const entries = Array.from({ length: size }, (_, i) => exampleEntry(i, Math.floor(i / run), i % run));
  return {
    header: Buffer.from(exportHeader({ origin: EXAMPLE_ORIGIN, verifierKey: key })),
    entries,
    trailer: signedTrailer(entries, privateKey),
    verifierKey: key,
    privateKey,
  };
}

/** The trailer that a server would give for exactly these entries. */
export function signedTrailer(entries: readonly Buffer[], privateKey: KeyObject): Buffer {
  const blocks = BlockList.empty();
  for (const entry of entries) blocks.append(leafHash(entry));
  return Buffer.from(exportTrailer({ checkpoint: signedCheckpoint(entries, privateKey), blocks }));
}

export function signedCheckpoint(entries: readonly Buffer[], privateKey: KeyObject): string {
  const tree = CompactTree.empty();
  for (const entry of entries) tree.append(leafHash(entry));
  const text = formatCheckpoint({ origin: EXAMPLE_ORIGIN, size: tree.size, root: tree.root() });
  return signNote(text, { name: EXAMPLE_ORIGIN, privateKey });
}

function exampleEntry(index: number, writer: number, seq: number): Buffer {
  const salt = index.toString(16).padStart(32, '0');
  return entryBytes(completeEntry(exampleDraft(index), { salt, writer: writer.toString(16).padStart(16, '0'), seq }));
}

export function exampleDraft(index: number): EntryDraft {
  const certificate = `sha256:${'5c'.repeat(32)}`;
  return {
    time: new Date(Date.UTC(2026, 10, 24) + index).toISOString(),
    caller: { kind: 'workload', id: 'spiffe://acme.internal/ns/payments/sa/api', method: 'certificate', credential: certificate },
    peer: '10.1.2.3',
    action: 'secret:read',
    resource: `payments/prod/database-${index % 10}`,
    version: 3,
    decision: 'allow',
    rule: 'payments-api#0',
    outcome: 'released',
    requestId: `0193${index.toString(16).padStart(28, '0')}`,
  };
}
