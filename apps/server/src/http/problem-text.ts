import { problem, type ProblemCode } from '#contract';

/** RFC 9457, section 3. */
export const PROBLEM_TYPE = 'application/problem+json';

/** A problem as it goes over the wire. */
export function problemText(code: ProblemCode, requestId: string, hint?: string): { readonly status: number; readonly text: string } {
  const answer = problem(code, requestId, hint);
  return { status: answer.status, text: JSON.stringify(answer) };
}
