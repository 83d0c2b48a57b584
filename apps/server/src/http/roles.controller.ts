import { Controller } from '@nestjs/common';
import { ApplyRole, DeleteRole, GetRole, ListRoles } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Roles: rules, and whom they are bound to. */
@Controller()
export class RolesController {
  readonly #apply: ApplyRole;
  readonly #get: GetRole;
  readonly #list: ListRoles;
  readonly #delete: DeleteRole;

  constructor(apply: ApplyRole, get: GetRole, list: ListRoles, remove: DeleteRole) {
    this.#apply = apply;
    this.#get = get;
    this.#list = list;
    this.#delete = remove;
  }

  @Route('applyRole')
  apply(@Asked() { caller, request, name, body }: Exchange<'applyRole'>): Promise<ResponseOf<'applyRole'>> {
    const { reason, ifVersion, ...role } = body;
    return this.#apply.perform(caller, { name, role, reason, ifVersion }, request);
  }

  @Route('getRole')
  get(@Asked() { caller, request, name, query }: Exchange<'getRole'>): Promise<ResponseOf<'getRole'>> {
    return this.#get.perform(caller, name, request, query.version);
  }

  @Route('listRoles')
  async list(@Asked() { caller, request }: Exchange<'listRoles'>): Promise<ResponseOf<'listRoles'>> {
    return { items: await this.#list.perform(caller, request) };
  }

  @Route('deleteRole')
  delete(@Asked() { caller, request, name, query }: Exchange<'deleteRole'>): Promise<void> {
    return this.#delete.perform(caller, name, request, query);
  }
}
