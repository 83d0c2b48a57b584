import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { issuerResource } from './issuer.ts';

/** Trusts an issuer no longer. The certificates that its tokens got hold until their end. */
export class DeleteIssuer {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, name: string, request: RequestContext): Promise<void> {
    return this.#gate.perform({ caller, action: 'identity:trust', resource: issuerResource(name), request }, async () => {
      const held = this.#authority.find('issuer', name);
      if (held === undefined) throw new AccessError('not_found');
      return { writes: [this.#authority.remove('issuer', held)], answer: undefined, version: held.body.version };
    });
  }
}
