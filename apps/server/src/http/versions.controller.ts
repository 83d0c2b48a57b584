import { Controller } from '@nestjs/common';
import type { ResponseOf } from '#contract';
import { DestroyVersions, ListVersions, RestoreSecret } from '#secrets';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** The versions of one secret. */
@Controller()
export class VersionsController {
  readonly #list: ListVersions;
  readonly #restore: RestoreSecret;
  readonly #destroy: DestroyVersions;

  constructor(list: ListVersions, restore: RestoreSecret, destroy: DestroyVersions) {
    this.#list = list;
    this.#restore = restore;
    this.#destroy = destroy;
  }

  @Route('listVersions')
  async list(@Asked() { caller, request, name }: Exchange<'listVersions'>): Promise<ResponseOf<'listVersions'>> {
    const { versions, ...secret } = await this.#list.perform(caller, request, name);
    return { ...secret, items: versions };
  }

  @Route('restoreSecret')
  restore(@Asked() { caller, request, name, body }: Exchange<'restoreSecret'>): Promise<void> {
    return this.#restore.perform(caller, request, name, body.versions);
  }

  @Route('destroyVersions')
  destroy(@Asked() { caller, request, name, body }: Exchange<'destroyVersions'>): Promise<void> {
    return this.#destroy.perform(caller, request, name, body.versions);
  }
}
