import type { Gate, May, Plan, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { checkOperatorsAdminister } from '../roles/administration.ts';
import type { Authority } from '../authority/authority.ts';
import { describeOperator, type DescribedOperator } from './described-operator.ts';
import { AccessError } from '../errors.ts';
import { endOf } from './operator-end.ts';
import { checkCertificateName, checkOnlyName } from './operator-certificates.ts';
import { checkBecoming, checkGiving } from './operator-gain.ts';
import { checkGroups, operatorResource } from './operator-name.ts';
import type { OperatorRecord } from '../authority/records.ts';

/** What is left out stays as it is. */
interface OperatorChange {
  readonly disabled?: boolean;
  readonly groups?: readonly string[];
  /** A SPIFFE ID, or `sha256:<hex>` of a public key; null takes it away. */
  readonly certificate?: string | null;
  /** Whom of a provider the name belongs to; null: nobody any more. */
  readonly oidc?: { readonly provider: string; readonly subject: string } | null;
}

/** Disables or enables an operator, puts it into other groups, or says with what it comes in: effective for its next request. */
export class ChangeOperator {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /**
   * Roles that come with it, enabling among them, and are not the caller's own want `policy:escalate`; so does taking away one that denies.
   *
   * @throws AuthzError as the gate does; AccessError `not_found`, `invalid_name`, `conflict` when nobody would administer any more
   *   or another operator has the certificate; IdentityError `invalid_spiffe_id`
   */
  perform(
    caller: Principal,
    { name, ...change }: OperatorChange & { readonly name: string },
    request: RequestContext,
  ): Promise<DescribedOperator> {
    const ask = { caller, action: 'identity:operate', resource: operatorResource(name), request } as const;
    return this.#authority.changeRoles(() => this.#gate.perform(ask, (_reader, may) => this.#plan(caller, { name, change }, may)));
  }

  async #plan(caller: Principal, { name, change }: { name: string; change: OperatorChange }, may: May): Promise<Plan<DescribedOperator>> {
    const held = this.#authority.find('operator', name);
    if (held === undefined) throw new AccessError('not_found');
    const after = { ...changed(held.body, change), ...this.#oidc(change) };
    const roles = { before: this.#authority.rolesAs(held.body), after: this.#authority.rolesAs(after) };
    checkGiving(this.#authority.rolesOf(caller), roles, may);
    // Who chooses with what an operator comes in could come in with it.
    const isOther = after.certificate !== undefined && after.certificate !== held.body.certificate;
    if (isOther || change.oidc) checkBecoming(this.#authority.rolesOf(caller), roles.after, may);
    checkOnlyName(
      this.#authority.all('operator').map(({ body }) => body),
      after,
    );
    checkOperatorsAdminister(this.#authority, name, after);
    const ended = after.disabled === true || change.oidc !== undefined ? endOf(this.#authority, name) : [];
    return { writes: [this.#authority.put('operator', after, held), ...ended], answer: describeOperator(this.#authority, after) };
  }

  #oidc({ oidc }: OperatorChange): Pick<OperatorRecord, 'oidc'> {
    if (oidc === undefined) return {};
    if (oidc === null) return { oidc: undefined };
    const provider = this.#authority.find('provider', oidc.provider)?.body;
    if (provider === undefined) throw new AccessError('not_found', 'there is no such provider');
    return { oidc: { provider: provider.name, issuer: provider.issuer, subject: oidc.subject } };
  }
}

function changed(operator: OperatorRecord, change: OperatorChange): OperatorRecord {
  const { disabled = operator.disabled, groups, certificate } = change;
  return {
    ...operator,
    disabled,
    groups: groups === undefined ? operator.groups : checkGroups(groups),
    certificate: certificate === undefined ? operator.certificate : certificate === null ? undefined : checkCertificateName(certificate),
  };
}
