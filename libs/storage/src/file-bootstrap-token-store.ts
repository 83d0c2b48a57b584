import { BootstrapTokenStore } from '#keys';
import { join } from 'node:path';
import { readIfThere, removeFile, replaceFile } from './private-files.ts';

/** The bootstrap token in a file of its own, on one line. */
export class FileBootstrapTokenStore extends BootstrapTokenStore {
  /** Where whoever installs the server finds it. */
  readonly path: string;

  constructor(directory: string) {
    super();
    this.path = join(directory, 'bootstrap-token');
  }

  override async read(): Promise<string | undefined> {
    return (await readIfThere(this.path))?.trim();
  }

  override write(token: string): Promise<void> {
    return replaceFile(this.path, `${token}\n`);
  }

  override remove(): Promise<void> {
    return removeFile(this.path);
  }
}
