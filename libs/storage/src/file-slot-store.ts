import { SlotFileStore } from '#keys';
import { join } from 'node:path';
import { readIfThere, replaceFile } from './private-files.ts';

/** The slot file beside the database. */
export class FileSlotStore extends SlotFileStore {
  readonly #path: string;

  constructor(directory: string) {
    super();
    this.#path = join(directory, 'slots.json');
  }

  override read(): Promise<string | undefined> {
    return readIfThere(this.#path);
  }

  override write(text: string): Promise<void> {
    return replaceFile(this.#path, text);
  }
}
