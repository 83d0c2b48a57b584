import { Controller } from '@nestjs/common';
import { PutCrls, ReadSpiffeBundle } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** What CAs publish: their revocation lists, which are brought here, and our own bundle, which others fetch. */
@Controller()
export class TrustDocumentsController {
  readonly #putCrls: PutCrls;
  readonly #read: ReadSpiffeBundle;

  constructor(putCrls: PutCrls, read: ReadSpiffeBundle) {
    this.#putCrls = putCrls;
    this.#read = read;
  }

  @Route('putCrls')
  putCrls(@Asked() { caller, request, name, body }: Exchange<'putCrls'>): Promise<ResponseOf<'putCrls'>> {
    return this.#putCrls.perform(caller, name, body.crls, request);
  }

  @Route('readSpiffeBundle')
  read(@Asked() { caller, request }: Exchange<'readSpiffeBundle'>): Promise<ResponseOf<'readSpiffeBundle'>> {
    return this.#read.perform(caller, request) as Promise<ResponseOf<'readSpiffeBundle'>>;
  }
}
