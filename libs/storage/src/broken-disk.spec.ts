import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipFor } from '../../../test/support/absent.ts';
import { WHOLE_LOG, change, read, secretRow } from '../../../test/support/database-bench.ts';
import { entriesOf } from '../../../test/support/fake-log.ts';
import { openSqlite } from '../../../test/support/sqlite-bench.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';

const PROGRAM = join(import.meta.dirname, '../../../test/support/commit-until-refused.ts');

/** `ulimit -f` counts blocks of 512 or 1,024 bytes. */
function commitUnderFileLimit(directory: string, blocks: number): Record<string, unknown> {
  const command = `ulimit -f ${blocks}; exec "$0" --conditions=source "$1" "$2"`;
  const { stdout } = spawnSync('sh', ['-c', command, process.execPath, PROGRAM, directory], { encoding: 'utf8' });
  const outcome: Record<string, unknown> = JSON.parse(stdout);
  return outcome;
}

/** A file system of a megabyte, or undefined where mounting is not allowed. */
function smallFileSystem(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]).status === 0;
  onTestFinished(() => {
    if (mounted) spawnSync('umount', [path]);
    rmSync(path, { recursive: true, force: true });
  });
  return mounted ? path : undefined;
}

describe('a disk that fails', () => {
  it('stops the process at an I/O error of COMMIT; everything acknowledged before is there, and nothing else', async () => {
    const directory = temporaryDirectory();
    const outcome = commitUnderFileLimit(directory, 400);
    expect(outcome).toMatchObject({ refusal: 'storage_unavailable', after: 'storage_unavailable', stops: 1 });
    expect(outcome['acknowledged']).toBeGreaterThan(2);
    const { reader } = await openSqlite({ directory });
    expect(await reader.page('secret', '', '', 1_000)).toHaveLength(Number(outcome['acknowledged']));
  });

  it('refuses everything while the disk is full, and recovers without a restart', async (context) => {
    const directory = smallFileSystem() ?? skipFor('no small file system can be mounted here', context);
    const { committer, reader, stops } = await openSqlite({ directory });
    await committer.commit(change('1', secretRow('a')));
    const filler = join(directory, 'filler');
    const { bavail, bsize } = statfsSync(directory);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));

    const large = { ...secretRow('b'), sealed: Buffer.alloc(100_000) };
    for (const submission of [change('2', large), read('3', { kind: 'secret', key: 'a', rev: 1 })]) {
      await expect(committer.commit(submission)).rejects.toMatchObject({ code: 'storage_unavailable' });
    }
    expect((await reader.find('secret', 'a'))?.rev).toBe(1);
    expect(stops()).toBe(0);

    rmSync(filler);
    expect(await committer.commit(change('4', large))).toBe('committed');
    expect(await entriesOf(reader.log(...WHOLE_LOG))).toEqual(['1', '4']);
  });
});
