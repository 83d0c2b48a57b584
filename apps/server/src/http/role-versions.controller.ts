import { Controller } from '@nestjs/common';
import { ApplyRoles, CompareRoleVersions, ListRoleVersions } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Roles as they were, and many of them at once. */
@Controller()
export class RoleVersionsController {
  readonly #apply: ApplyRoles;
  readonly #compare: CompareRoleVersions;
  readonly #list: ListRoleVersions;

  constructor(apply: ApplyRoles, compare: CompareRoleVersions, list: ListRoleVersions) {
    this.#apply = apply;
    this.#compare = compare;
    this.#list = list;
  }

  @Route('applyRoles')
  async apply(@Asked() { caller, request, body }: Exchange<'applyRoles'>): Promise<ResponseOf<'applyRoles'>> {
    const { roles, ...terms } = body;
    const wishes = roles.map(({ ifVersion, ...role }) => ({ name: role.role, role, ifVersion }));
    return { items: await this.#apply.perform(caller, { wishes, ...terms }, request) };
  }

  @Route('listRoleVersions')
  async list(@Asked() { caller, request, name }: Exchange<'listRoleVersions'>): Promise<ResponseOf<'listRoleVersions'>> {
    return { items: await this.#list.perform(caller, name, request) };
  }

  @Route('compareRoleVersions')
  compare(@Asked() { caller, request, name, query }: Exchange<'compareRoleVersions'>): Promise<ResponseOf<'compareRoleVersions'>> {
    return this.#compare.perform(caller, name, query, request);
  }
}
