import { createPrivateKey, createPublicKey } from 'node:crypto';
import { verifierKey, type NoteSigner } from '#audit';
import { associatedData, SecretBytes, XaesKey } from '#crypto';
import type { CheckpointMaterial, KeyMaterial } from './key-material.ts';
import { opening } from './opening.ts';

/** A signer of checkpoints together with what anyone needs to verify them. Its name is the log's origin. */
export interface LogSigner extends NoteSigner {
  readonly verifierKey: string;
}

/** The keys of the audit log: what signs it, and what wraps its segments' data keys. */
export class LogKeys {
  /** Its name is the log's origin, `<id>/<epoch>`: the epoch counts restores, clones and accepted losses, so that no origin signs two trees. */
  readonly signer: LogSigner;
  readonly #audit: XaesKey;

  constructor({ audit, checkpoint }: Pick<KeyMaterial, 'audit' | 'checkpoint'>) {
    const { logId, epoch, privateKey: pkcs8 }: CheckpointMaterial = JSON.parse(checkpoint.bytes.toString());
    this.signer = signerOf(`${logId}/${epoch}`, Buffer.from(pkcs8, 'base64'));
    this.#audit = new XaesKey(audit);
  }

  /** Wraps the data key of a segment, bound to the segment's number. */
  sealSegmentKey(segment: number, dek: SecretBytes): Buffer {
    return opening(() => this.#audit.seal(dek.bytes, segmentAad(segment)));
  }

  /** @throws KeysError `integrity_failed` */
  openSegmentKey(segment: number, wrapped: Buffer): SecretBytes {
    return opening(() => new SecretBytes(this.#audit.open(wrapped, segmentAad(segment))));
  }

  wipe(): void {
    this.#audit.wipe();
  }
}

function signerOf(name: string, pkcs8: Buffer): LogSigner {
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  pkcs8.fill(0);
  return { name, privateKey, verifierKey: verifierKey(name, createPublicKey(privateKey)) };
}

function segmentAad(segment: number): Buffer {
  return associatedData('segment-key', segment);
}
