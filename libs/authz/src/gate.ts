import type { Clock } from '#identity';
import type { Committer } from './committer.ts';
import type { Ask, ItemResult, May, Plan, Refusal } from './plan.ts';
import type { Policy } from './policy.ts';
import type { Reader } from './reader.ts';

export class Gate {
  constructor(policy: Policy, reader: Reader, committer: Committer, clock: Clock) {
    void [policy, reader, committer, clock];
  }

  perform<A>(ask: Ask, prepare: (reader: Reader, may: May) => Promise<Plan<A>>): Promise<A> {
    return Promise.reject(new Error(String([ask, prepare])));
  }

  performWithin<A>(ask: Ask, prepare: (reader: Reader, may: May) => Promise<Plan<A>>): Promise<A> {
    return Promise.reject(new Error(String([ask, prepare])));
  }

  performEach<A>(
    ask: Omit<Ask, 'resource'>,
    find: (reader: Reader, may: May) => Promise<readonly string[]>,
    prepare: (reader: Reader, resource: string) => Promise<Plan<A>>,
  ): Promise<readonly ItemResult<A>[]> {
    return Promise.reject(new Error(String([ask, find, prepare])));
  }

  refuse(refusal: Refusal): Promise<void> {
    return Promise.reject(new Error(String([refusal])));
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}
