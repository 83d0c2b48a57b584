import { Controller } from '@nestjs/common';
import { FinishSignIn, StartSignIn } from '#access';
import type { ResponseOf } from '#contract';
import { withoutCaller, type Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Signing in at an OpenID provider. */
@Controller()
export class OidcController {
  readonly #start: StartSignIn;
  readonly #finish: FinishSignIn;

  constructor(start: StartSignIn, finish: FinishSignIn) {
    this.#start = start;
    this.#finish = finish;
  }

  @Route('startSignIn')
  start(@Asked() exchange: Exchange<'startSignIn'>): Promise<ResponseOf<'startSignIn'>> {
    const { name, body, request } = withoutCaller(exchange);
    return this.#start.perform(name, body.redirectUri, request);
  }

  @Route('finishSignIn')
  finish(@Asked() exchange: Exchange<'finishSignIn'>): Promise<ResponseOf<'finishSignIn'>> {
    const { name, body, request } = withoutCaller(exchange);
    return this.#finish.perform(name, body, request);
  }
}
