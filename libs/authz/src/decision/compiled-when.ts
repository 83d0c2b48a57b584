import type { Access } from './access.ts';
import type { Labels } from '../gate/label-provider.ts';
import { compileNetworks } from '../language/network.ts';
import type { When } from '../language/role.ts';
import { compileWindow } from '../language/time-window.ts';

/** Whether conditions hold; undefined where it can't be told: an allow does not hold then, and a deny does. */
export type CompiledWhen = (access: Access) => boolean | undefined;

/** All conditions of a rule as one, but for `approved`: who approved what is looked up only where nothing else allows it. */
export function compileWhen(when: When): CompiledWhen {
  const conditions = [...labels(when), ...networks(when), ...window(when), ...authentication(when)];
  return (access) => {
    let all: boolean | undefined = true;
    for (const condition of conditions) {
      const holds = condition(access);
      if (holds === false) return false;
      all &&= holds;
    }
    return all;
  };
}

/** Whether conditions look at labels. */
export function asksForLabels(when: When): boolean {
  return Object.keys(when).some((name) => name.startsWith('label.'));
}

function labels(when: When): CompiledWhen[] {
  return Object.entries(when).flatMap(([key, wanted]) => {
    if (!key.startsWith('label.')) return [];
    const name = key.slice('label.'.length);
    const values = new Set(listOf(wanted as string | readonly string[]));
    return [({ labels }: Access) => labels && hasOneOf(labels, name, values)];
  });
}

function hasOneOf(labels: Labels, name: string, values: ReadonlySet<string>): boolean {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return value !== undefined && values.has(value);
}

function networks({ from }: When): CompiledWhen[] {
  if (from === undefined) return [];
  const isWithin = compileNetworks(listOf(from));
  return [({ peer }) => isWithin(peer)];
}

function window({ time }: When): CompiledWhen[] {
  if (time === undefined) return [];
  const isOpen = compileWindow(time);
  return [({ now }) => isOpen(now)];
}

function authentication({ method, factors }: When): CompiledWhen[] {
  const methods: readonly string[] = method === undefined ? [] : listOf(method);
  return [
    ...(method === undefined ? [] : [({ caller }: Access) => methods.includes(caller.method)]),
    ...(factors === undefined ? [] : [({ caller }: Access) => (caller.factors ?? 1) >= factors]),
  ];
}

function listOf<T extends string>(value: T | readonly T[]): readonly T[] {
  return typeof value === 'string' ? [value] : value;
}
