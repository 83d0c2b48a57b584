/** What a rule can allow or deny, by area. The actions of one rule belong to one area; `on` is a pattern of that area's resources. */
export const ACTIONS = {
  secret: ['read', 'write', 'label', 'delete', 'destroy', 'describe', 'list'],
  identity: ['enrol', 'certify', 'revoke', 'operate', 'sign-in', 'sign-out', 'describe', 'trust', 'credentials'],
  policy: ['read', 'write', 'delete', 'list', 'escalate'],
  approval: ['request', 'list', 'decide'],
  audit: ['read', 'export'],
  system: ['init', 'unseal', 'seal', 'status', 'describe'],
} as const;

/** A kind of thing that actions and resources belong to. */
export type Area = keyof typeof ACTIONS;
/** An action in full: `<area>:<verb>`. */
export type Action = { [A in Area]: `${A}:${(typeof ACTIONS)[A][number]}` }[Area];

/** The area an action belongs to. */
export function areaOf(action: Action): Area {
  return action.slice(0, action.indexOf(':')) as Area;
}

/** Whether a text names an action, exactly. */
export function isAction(text: string): text is Action {
  const [area = '', verb = '', ...rest] = text.split(':');
  if (rest.length > 0 || !Object.hasOwn(ACTIONS, area)) return false;
  return (ACTIONS[area as Area] as readonly string[]).includes(verb);
}
