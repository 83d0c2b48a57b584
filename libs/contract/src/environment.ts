/** One secret's fields on their way into environment variables. */
export interface EnvironmentSource {
  readonly path: string;
  readonly data: Readonly<Record<string, string>>;
}

/** How environment variables can be written down. */
export type EnvironmentFormat = 'dotenv' | 'shell';

/** The variables of some secrets, by name. */
export function environmentOf(sources: readonly EnvironmentSource[]): Map<string, string> {
  void sources;
  return new Map();
}

/** Variables written down. */
export function formatEnvironment(variables: ReadonlyMap<string, string>, format: EnvironmentFormat): string {
  void variables;
  return format;
}
