import { KeyFile } from '#keys';
import { readBytesIfThere } from './private-files.ts';

/** The key file at a path that the operator chose. It is read each time, so that it may come and go with a mount. */
export class NamedKeyFile extends KeyFile {
  readonly #path: string | undefined;

  /** @param path undefined when the settings name none */
  constructor(path: string | undefined) {
    super();
    this.#path = path;
  }

  override async read(): Promise<Buffer | undefined> {
    return this.#path === undefined ? undefined : readBytesIfThere(this.#path);
  }
}
