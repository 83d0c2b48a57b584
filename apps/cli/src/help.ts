import { type Command, COMMANDS, commandsOf, findCommand } from './commands.ts';

/** How a command is called. */
export function usageOf(name: string, { usage }: Command): string {
  return `holdfast ${name} ${usage}`.trimEnd();
}

/** The help for a command, a group of them such as `role`, or everything. */
export function helpFor(words: readonly string[]): string {
  const found = findCommand(words);
  if (found !== undefined) return helpOf(found.name);
  const [first = ''] = words;
  const group = commandsOf(first);
  return group.length === 0 ? overview() : group.map(helpOf).join('');
}

function helpOf(name: string): string {
  const command = COMMANDS[name];
  if (command === undefined) return '';
  const lines = [command.summary, ...(command.notes ?? [])].map((line) => `    ${line}\n`);
  return `${usageOf(name, command)}\n${lines.join('')}`;
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { usage, summary }]) => `  ${`${name} ${usage}`.trimEnd()}\n      ${summary}`);
  return `holdfast: secrets for containers, by certificate\n\n${lines.join('\n')}\n
Where: HOLDFAST_ADDR (workload listener), HOLDFAST_OPERATOR_ADDR, HOLDFAST_CA
Who:   HOLDFAST_CERT and HOLDFAST_KEY, or HOLDFAST_TOKEN, or \`holdfast login\`
What:  data comes as lines on a terminal, as JSON in a pipe or with --json
Exit:  0 done, 1 failed, 2 usage, 3 denied, 4 not found, 5 sealed or unreachable
More:  holdfast COMMAND --help
`;
}
