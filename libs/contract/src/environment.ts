import { ContractError } from './errors.ts';

/** One secret's fields on their way into environment variables. */
export interface EnvironmentSource {
  readonly path: string;
  readonly data: Readonly<Record<string, string>>;
}

/** How environment variables are written down: for dotenv readers, or as `export` lines for a POSIX shell. */
export type EnvironmentFormat = 'dotenv' | 'shell';

const CHANGES_PROGRAMS = [
  /^(?:LD|DYLD|BASH|GLIBC|MALLOC|SSL|OPENSSL|HOLDFAST)_/,
  /^(?:PATH|HOME|SHELL|USER|LOGNAME|TMPDIR|PWD|IFS|ENV|CDPATH|PS[0-4]|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|GCONV_PATH|LOCPATH|HOSTALIASES|CLASSPATH)$/,
  /^(?:EDITOR|VISUAL|PAGER|BROWSER|(?:HTTP|HTTPS|FTP|ALL|NO)_PROXY)$/,
  /^NODE_(?:OPTIONS|PATH|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|REPL_EXTERNAL_MODULE)$/,
  /^(?:PYTHON(?:PATH|HOME|STARTUP|INSPECT|USERBASE|WARNINGS|BREAKPOINT)|PERL5?(?:LIB|OPT|DB)|RUBY(?:LIB|OPT)|GEM_(?:HOME|PATH))$/,
  /^(?:JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|JAVA_HOME)$/,
  /^GIT_(?:SSH|SSH_COMMAND|ASKPASS|EDITOR|PAGER|EXEC_PATH|EXTERNAL_DIFF|PROXY_COMMAND|TEMPLATE_DIR|CONFIG.*)$/,
];

/**
 * The variable of a field: the secret's own name and the field's, in upper case; a field called `value` goes without.
 * `payments/prod/db` and `password` make `DB_PASSWORD`.
 */
export function environmentName(path: string, field: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const joined = field === 'value' ? name : `${name}_${field}`;
  return joined
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '_')
    .replace(/^(?=[0-9])/, '_');
}

/**
 * The variables of some secrets. None is dropped or overwritten in silence.
 * @throws ContractError `ambiguous_name`, `dangerous_name` (as `LD_PRELOAD` or `PATH` would be), `unrepresentable_value` (holds a NUL)
 */
export function environmentOf(sources: readonly EnvironmentSource[]): Map<string, string> {
  const variables = new Map<string, string>();
  for (const { path, data } of sources) {
    for (const [field, value] of Object.entries(data)) addVariable(variables, environmentName(path, field), value);
  }
  return variables;
}

function addVariable(variables: Map<string, string>, name: string, value: string): void {
  if (variables.has(name)) throw new ContractError('ambiguous_name', `the variable ${name}`);
  if (CHANGES_PROGRAMS.some((pattern) => pattern.test(name))) throw new ContractError('dangerous_name', `the variable ${name}`);
  if (value.includes('\0')) throw new ContractError('unrepresentable_value', `the variable ${name} would hold a NUL`);
  variables.set(name, value);
}

/**
 * Writes variables down, a line each, so that the reader gets exactly the same values back: the shell form is for POSIX shells,
 * the dotenv form for readers that take `'…'`, `` `…` `` and `"…"`, as Node's `--env-file` and dotenv do.
 * @throws ContractError `unrepresentable_value` where the dotenv form has no spelling that all of them read alike
 */
export function formatEnvironment(variables: ReadonlyMap<string, string>, format: EnvironmentFormat): string {
  const lines = [...variables].map(([name, value]) =>
    format === 'shell' ? `export ${name}=${quoteForShell(value)}\n` : `${name}=${quoteForDotenv(name, value)}\n`,
  );
  return lines.join('');
}

function quoteForShell(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** Double quotes come last: readers expand `\n` and some of them `$` inside. */
function quoteForDotenv(name: string, value: string): string {
  if (!value.includes('\r')) {
    if (!value.includes("'")) return `'${value}'`;
    if (!value.includes('`')) return `\`${value}\``;
    if (!/["\\$]/.test(value)) return `"${value}"`;
  }
  throw new ContractError('unrepresentable_value', `the variable ${name}`);
}
