import { Controller } from '@nestjs/common';
import { EndSessions, ListSessions, SignIn, SignOut } from '#access';
import type { ResponseOf } from '#contract';
import { withoutCaller, type Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Operators' sessions. */
@Controller()
export class SessionsController {
  readonly #signIn: SignIn;
  readonly #signOut: SignOut;
  readonly #list: ListSessions;
  readonly #end: EndSessions;

  constructor(signIn: SignIn, signOut: SignOut, list: ListSessions, end: EndSessions) {
    this.#signIn = signIn;
    this.#signOut = signOut;
    this.#list = list;
    this.#end = end;
  }

  @Route('signIn')
  signIn(@Asked() exchange: Exchange<'signIn'>): Promise<ResponseOf<'signIn'>> {
    const { body, request } = withoutCaller(exchange);
    return this.#signIn.perform(body, request);
  }

  @Route('signOut')
  signOut(@Asked() { caller, request }: Exchange<'signOut'>): Promise<void> {
    return this.#signOut.perform(caller, request);
  }

  @Route('listSessions')
  async list(@Asked() { caller, request, name }: Exchange<'listSessions'>): Promise<ResponseOf<'listSessions'>> {
    return { items: await this.#list.perform(caller, name, request) };
  }

  @Route('endSessions')
  end(@Asked() { caller, request, name, query }: Exchange<'endSessions'>): Promise<void> {
    return this.#end.perform(caller, { name, id: query.id }, request);
  }
}
