import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { issuerResource } from './issuer.ts';
import type { StoredIssuer } from '../authority/records.ts';

/** One issuer, as it stands. */
export class GetIssuer {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, name: string, request: RequestContext): Promise<StoredIssuer> {
    return this.#gate.perform({ caller, action: 'identity:describe', resource: issuerResource(name), request }, async () => {
      const issuer = this.#authority.find('issuer', name)?.body;
      if (issuer === undefined) throw new AccessError('not_found');
      return { answer: issuer, version: issuer.version };
    });
  }
}
