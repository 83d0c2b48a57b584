/** The fields of a secret that a decision covers: `only` these, or all `except` these. */
export type Fields = { readonly only: ReadonlySet<string> } | { readonly except: ReadonlySet<string> };

/** Whether a decision covers a field. */
export function coversField(fields: Fields, name: string): boolean {
  return 'only' in fields ? fields.only.has(name) : !fields.except.has(name);
}
