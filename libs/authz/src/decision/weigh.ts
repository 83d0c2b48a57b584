import type { Access } from './access.ts';
import { type CompiledRule, holds } from './compiled-rule.ts';
import type { Fields } from '../language/fields.ts';

/** Whether an access is allowed, and the rule that made it so: `<role>#<index>` or `builtin:<name>`; none when no rule spoke. */
export interface Decision {
  readonly allowed: boolean;
  readonly rule?: string;
  /** Which fields of the secret are covered, where that is not all of them. */
  readonly fields?: Fields;
  /** It hangs on labels that are not known, and is no until they are. */
  readonly depends?: true;
  /** It rests on an approval. */
  readonly approved?: true;
  /** The approvals that are used, as the entry names them. */
  readonly approval?: string;
}

/** Rules about one access, by what they say of it. */
interface Scale {
  /** They allow all of it, some fields of it, or would with an approval. */
  readonly whole: CompiledRule[];
  readonly parts: CompiledRule[];
  readonly pending: CompiledRule[];
  readonly hiding: CompiledRule[];
  /** They would allow, or deny, if the labels were right. */
  readonly mayAllow: CompiledRule[];
  readonly mayDeny: CompiledRule[];
}

/** The decision of rules that are all about the access, in any order; undefined when none of them speaks. */
export function weigh(rules: readonly CompiledRule[], access: Access): Decision | undefined {
  const scale: Scale = { whole: [], parts: [], pending: [], hiding: [], mayAllow: [], mayDeny: [] };
  for (const rule of rules) {
    const met = holds(rule, access);
    if (met === false) continue;
    if (met && !rule.allows && rule.fields === undefined) return { allowed: false, rule: rule.name };
    pileOf(scale, rule, met).push(rule);
  }
  return outcomeOf(scale, access);
}

function pileOf(scale: Scale, { allows, fields, needsApproval }: CompiledRule, met: true | undefined): CompiledRule[] {
  if (met === undefined) return allows ? scale.mayAllow : scale.mayDeny;
  if (!allows) return scale.hiding;
  if (needsApproval) return scale.pending;
  return fields === undefined ? scale.whole : scale.parts;
}

function outcomeOf({ whole, parts, pending, hiding, mayAllow, mayDeny }: Scale, access: Access): Decision | undefined {
  if (whole.length + parts.length + pending.length + mayAllow.length === 0) return undefined;
  if (mayDeny.length > 0 || (mayAllow.length > 0 && whole.length === 0)) return { allowed: false, depends: true };
  // An approval is no more than asked for: where the rules allow all of it anyway, none is used.
  const approved = whole.length === 0 && pending.length > 0 && isApproved(access) ? pending : [];
  const allows = [...whole, ...approved.filter(isWhole), ...parts, ...approved.filter((rule) => !isWhole(rule))];
  const [first] = allows;
  if (first === undefined) return undefined;
  const named = { allowed: true, rule: first.name, ...(approved.length > 0 ? { approved: true as const } : {}) };
  const hidden = new Set(hiding.flatMap(({ fields = [] }) => fields));
  if (isWhole(first)) return hidden.size === 0 ? named : { ...named, fields: { except: hidden } };
  const only = new Set(allows.flatMap(({ fields = [] }) => fields.filter((name) => !hidden.has(name))));
  return only.size === 0 ? { allowed: false, rule: hiding[0]?.name } : { ...named, fields: { only } };
}

function isWhole({ fields }: CompiledRule): boolean {
  return fields === undefined;
}

function isApproved({ approvals, caller, action, resource, now }: Access): boolean {
  return approvals?.isApproved(caller, action, resource, now) === true;
}
