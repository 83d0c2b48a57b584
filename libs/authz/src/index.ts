/** Who may do what, and the one way to do it: actions, roles, the gate, and the ports behind it. */
export { isAction, type Action } from './actions.ts';
export { CommitObserver } from './commit-observer.ts';
export { Committer, type Committed, type Submission } from './committer.ts';
export { AuthzError, codeOf, type AuthzCode } from './errors.ts';
export { Gate } from './gate.ts';
export { parseRole } from './parse-role.ts';
export { compilePattern } from './pattern.ts';
export type { Ask, ItemResult, May, MayBelow, Plan, Reading, Refusal, RequestContext } from './plan.ts';
export { Policy } from './policy.ts';
export { Reader } from './reader.ts';
export type { Role, Rule, When } from './role.ts';
export { ROW_KINDS, type Expect, type LogRow, type Row, type RowKey, type RowKind, type RowWrite } from './rows.ts';
