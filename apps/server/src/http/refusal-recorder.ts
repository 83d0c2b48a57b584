import { Injectable } from '@nestjs/common';
import { Gate, isAction, type Action, type RequestContext } from '#authz';
import { ROUTES, type ProblemCode, type RouteName } from '#contract';
import { ANONYMOUS, type Principal } from '#identity';
import type { RefusalDetail } from './refusal.ts';

/** What is known of a request when it is turned away. */
interface Refused {
  readonly caller: Principal;
  readonly route: RouteName | undefined;
  readonly request: RequestContext;
}

/** Leaves the entry of a request that no operation has seen. */
@Injectable()
export class RefusalRecorder {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /**
   * Returns when the entry is durable or counted. It never rejects: what can't be written now (sealed, no space) is counted by the gate and
   * written later, and a refusal discloses nothing meanwhile.
   */
  async record({ caller, route, request }: Refused, found: RefusalDetail & { readonly code: ProblemCode }): Promise<void> {
    const { credential, recordedAs = found.code } = found;
    const presented: Principal = credential === undefined ? caller : { ...ANONYMOUS, method: 'certificate', credential };
    await this.#gate.refuse({ caller: presented, action: actionOf(route), code: recordedAs, request }).catch(() => undefined);
  }
}

function actionOf(route: RouteName | undefined): Action | undefined {
  const action: string | undefined = route && ROUTES[route].action;
  return action !== undefined && isAction(action) ? action : undefined;
}
