import type { KeyFile } from '#keys';
import { describe, expect, it } from 'vitest';

/** A key file that comes and goes as the operator says, and one that the settings don't name. */
interface KeyFileBench {
  readonly file: KeyFile;
  readonly none: KeyFile;
  readonly put: (content: Buffer | undefined) => void;
}

/** What every `KeyFile` keeps. */
export function keyFileContract(name: string, make: () => KeyFileBench): void {
  describe(`the key file of ${name}`, () => {
    it('is none where none is named, and none where it does not exist', async () => {
      const { file, none } = make();
      expect([await none.read(), await file.read()]).toEqual([undefined, undefined]);
    });

    it('is read as it stands, to the last byte, and so again', async () => {
      const { file, put } = make();
      const content = Buffer.from([0, 0xff, 0x0d, 0x0a]);
      put(content);
      expect([await file.read(), await file.read()]).toEqual([content, content]);
    });

    it('may change, go and come back while the server runs', async () => {
      const { file, put } = make();
      const read: (string | undefined)[] = [];
      for (const text of ['one', 'another', undefined, 'one']) {
        put(text === undefined ? undefined : Buffer.from(text));
        read.push((await file.read())?.toString());
      }
      expect(read).toEqual(['one', 'another', undefined, 'one']);
    });

    it('hands out bytes that may be wiped', async () => {
      const { file, put } = make();
      put(Buffer.from('one'));
      (await file.read())?.fill(0);
      expect((await file.read())?.toString()).toBe('one');
    });
  });
}
