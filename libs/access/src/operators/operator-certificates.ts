import { createHash, type X509Certificate } from 'node:crypto';
import { parseSpiffeId } from '#identity';
import { AccessError } from '../errors.ts';
import type { OperatorRecord } from '../authority/records.ts';

const KEY = /^sha256:[0-9a-f]{64}$/;

/**
 * Which operator a client certificate stands for: by the SPIFFE ID in it, or by its public key. One that stands for an operator stands for
 * no workload, on no listener, and for nobody while that operator is disabled.
 */
export class OperatorCertificates {
  readonly #byName = new Map<string, OperatorRecord>();
  readonly #anyKey: boolean;

  constructor(operators: readonly OperatorRecord[] = []) {
    for (const operator of operators) if (operator.certificate !== undefined) this.#byName.set(operator.certificate, operator);
    this.#anyKey = [...this.#byName.keys()].some((name) => KEY.test(name));
  }

  operatorOf(spiffeId: string, leaf: X509Certificate): OperatorRecord | undefined {
    return this.#byName.get(spiffeId) ?? (this.#anyKey ? this.#byName.get(keyNameOf(leaf)) : undefined);
  }
}

/**
 * How a record names a certificate: a SPIFFE ID as it stands, or `sha256:<hex>` of the public key (its SubjectPublicKeyInfo in DER).
 *
 * @throws IdentityError `invalid_spiffe_id`
 */
export function checkCertificateName(name: string): string {
  return KEY.test(name) ? name : parseSpiffeId(name).text;
}

/** @throws AccessError `conflict` where another operator names it already */
export function checkOnlyName(operators: readonly OperatorRecord[], { name, certificate }: OperatorRecord): void {
  const isTaken = certificate !== undefined && operators.some((other) => other.name !== name && other.certificate === certificate);
  if (isTaken) throw new AccessError('conflict', 'another operator has this certificate');
}

function keyNameOf({ publicKey }: X509Certificate): string {
  return `sha256:${createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex')}`;
}
