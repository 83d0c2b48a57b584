import type { ProblemCode } from '#contract';

/** What the command's exit code says. */
export const EXIT = { done: 0, failed: 1, usage: 2, denied: 3, notFound: 4, unavailable: 5, notStarted: 126, noCommand: 127 } as const;

/** What can be added to a failure. None of it may hold a value, a token or a key. */
export interface FailureDetails {
  readonly exit?: number;
  readonly hint?: string;
  readonly requestId?: string;
  /** The server's, where it is a problem. */
  readonly code?: ProblemCode;
}

/** Ends the command with a message for people and an exit code for programs. */
export class Failure extends Error {
  readonly exit: number;
  readonly hint: string | undefined;
  readonly requestId: string | undefined;
  readonly code: ProblemCode | undefined;

  constructor(message: string, { exit = EXIT.failed, hint, requestId, code }: FailureDetails = {}) {
    super(message);
    this.name = 'Failure';
    this.exit = exit;
    this.hint = hint;
    this.requestId = requestId;
    this.code = code;
  }
}

/** The command was called in a way that it doesn't know. */
export function usageFailure(message: string, hint?: string): Failure {
  return new Failure(message, { exit: EXIT.usage, hint });
}

/** A failure of the operating system, in its own words but without the path that it quotes. */
export function systemFailure(doing: string, error: unknown, hint?: string): Failure {
  return new Failure(`${doing}: ${codeOf(error)}`, { hint });
}

/** What the operating system, or Node, calls an error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
