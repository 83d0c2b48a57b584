import { Failure } from './failure.ts';

const END = new Set(['\r', '\n', '\u0004']);
const ERASE = new Set(['\u007f', '\b']);
const INTERRUPT = '\u0003';

/** Asks for a line on the terminal without showing what is typed. */
export async function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  try {
    return await typedLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

async function typedLine(stdin: NodeJS.ReadStream): Promise<string> {
  const typed: string[] = [];
  for await (const keys of stdin.iterator({ destroyOnReturn: false })) {
    for (const key of String(keys)) {
      if (key === INTERRUPT) throw new Failure('interrupted', { exit: 130 });
      if (END.has(key)) return typed.join('');
      if (ERASE.has(key)) typed.pop();
      else typed.push(key);
    }
  }
  throw new Failure('the terminal was closed');
}
