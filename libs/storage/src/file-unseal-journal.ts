import { UnsealJournal } from '#keys';
import { join } from 'node:path';
import { appendFileDurably, readIfThere, removeFile } from './private-files.ts';

/** The journal as a file of lines beside the slots. */
export class FileUnsealJournal extends UnsealJournal {
  readonly #path: string;

  constructor(directory: string) {
    super();
    this.#path = join(directory, 'unseal-journal.ndjson');
  }

  override async append(line: string): Promise<void> {
    // A crash may have torn the line before: it must not take this one with it.
    const torn = (await readIfThere(this.#path))?.endsWith('\n') === false;
    await appendFileDurably(this.#path, `${torn ? '\n' : ''}${line}\n`);
  }

  override async read(): Promise<readonly string[]> {
    const text = (await readIfThere(this.#path)) ?? '';
    return text.split('\n').filter((line) => line !== '');
  }

  override clear(): Promise<void> {
    return removeFile(this.#path);
  }
}
