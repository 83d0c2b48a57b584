import type { EntryDraft } from '#audit';
import type { Action, RequestContext } from '#authz';
import { ANONYMOUS, type Principal, SERVER } from '#identity';

/** An attempt to initialize or unseal that failed while it could not be recorded. */
export interface Attempt {
  readonly caller: Principal;
  readonly action: Extract<Action, 'system:init' | 'system:unseal'>;
  readonly request: RequestContext;
}

const FIELDS = ['time', 'caller', 'action', 'peer', 'requestId', 'code'] as const;
type Fields = Readonly<Record<(typeof FIELDS)[number], string>>;

/** An attempt as a line of the journal. `code` says why it failed. */
export function formatAttempt({ caller, action, request }: Attempt, code: string, time: Date): string {
  const fields: Fields = { time: time.toISOString(), caller: caller.id, action, peer: request.peer, requestId: request.id, code };
  return JSON.stringify(fields);
}

/** The entry that a line of the journal becomes, or undefined for a line that a crash tore. */
export function entryOfLine(line: string): EntryDraft | undefined {
  const fields = parse(line);
  if (!fields) return undefined;
  const { time, caller, action, peer, requestId, code } = fields;
  const who = caller === SERVER.id ? SERVER : ANONYMOUS;
  return { time, caller: { ...who }, peer, action, resource: 'server', decision: 'none', outcome: 'failed', code, requestId };
}

function parse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  return FIELDS.every((name) => typeof Reflect.get(value, name) === 'string');
}
