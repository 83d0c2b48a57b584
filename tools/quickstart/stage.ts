import { runCommand } from '../../test/support/command.ts';

const plain = !process.stdout.isTTY || process.env.NO_COLOR !== undefined;
const style = (code: number, text: string): string => (plain ? text : `\u001b[${code}m${text}\u001b[0m`);

/** Tells the story: titles, sentences, and commands that are run by `sh` exactly as they are shown. */
export class Stage {
  readonly #env: NodeJS.ProcessEnv;
  #chapters = 0;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  chapter(title: string, ...sentences: readonly string[]): void {
    this.#chapters += 1;
    console.log(`\n${style(1, `${this.#chapters}. ${title}`)}`);
    sentences.forEach((sentence) => this.say(sentence));
  }

  say(sentence: string): void {
    console.log(`   ${sentence}`);
  }

  show(command: string): void {
    console.log(style(36, `   $ ${command}`));
  }

  /** Shows a command, runs it, shows what it printed. Throws unless it ends with this exit code: 0, or a refusal's */
  async type(command: string, exit = 0): Promise<void> {
    this.show(command);
    const { code, stdout, stderr } = await runCommand('sh', ['-c', command], { env: this.#env });
    for (const line of `${stdout}${stderr}`.trimEnd().split('\n')) if (line !== '') console.log(style(2, `     ${line}`));
    if (code !== exit) throw new Error(`this command should have ended with exit code ${exit}, and ended with ${code ?? 'a signal'}`);
    if (exit !== 0) console.log(style(33, `     (exit code ${exit}, as it should)`));
  }
}
