/** Who may do what, and the one way to do it: actions, roles, the gate, and the ports behind it. */
export { AccessHistory, type HistoryPage, type Lookback } from './access-history.ts';
export { isAction, type Action } from './actions.ts';
export { Bindings } from './bindings.ts';
export { CommitObserver } from './commit-observer.ts';
export { Committer, type Committed, type Submission } from './committer.ts';
export { AuthzError, codeOf, type AuthzCode } from './errors.ts';
export { explainDecision, type Explanation, type Lack, type NearestRule, type SmallestGrant } from './explain-decision.ts';
export { Gate } from './gate.ts';
export { bindingOf, callerNamed } from './named-caller.ts';
export { parseRole } from './parse-role.ts';
export { compilePattern } from './pattern.ts';
export type { Ask, ItemResult, JointPlan, May, MayBelow, Plan, PlanPart, Reading, Refusal, RequestContext } from './plan.ts';
export { Policy } from './policy.ts';
export { Reader } from './reader.ts';
export { parseAccess } from './parse-access.ts';
export type { Role, Rule, When } from './role.ts';
export type { Access, NamedRule } from './rule-fit.ts';
export { ROW_KINDS, type Expect, type LogRow, type Row, type RowKey, type RowKind, type RowWrite } from './rows.ts';
