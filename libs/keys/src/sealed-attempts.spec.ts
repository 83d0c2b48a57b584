import { describe, expect, it, vi } from 'vitest';
import { Gate } from '#authz';
import { ANONYMOUS } from '#identity';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakePolicy } from '../../../test/support/fake-policy.ts';
import { FakeJournal, FakeVaultDatabase } from '../../../test/support/fake-vault-ports.ts';
import { entryOfLine } from './attempt.ts';
import { KeysError } from './errors.ts';
import { SealedAttempts } from './sealed-attempts.ts';

const attempt = (id: string) => ({ caller: ANONYMOUS, action: 'system:unseal', request: { id, peer: '192.0.2.1' } }) as const;
const WRONG = new KeysError('wrong_key');

function bench() {
  const { committer, reader } = new FakeVaultDatabase();
  const clock = new FakeClock();
  const journal = new FakeJournal();
  const attempts = new SealedAttempts(journal, committer, new Gate(new FakePolicy([]), reader, committer, clock), clock);
  return { attempts, journal, committer, clock };
}

describe('what is tried while the log is closed', () => {
  it('is not lost when it comes while what was tried before is being entered', async () => {
    const { attempts, journal, committer } = bench();
    await attempts.failed(attempt('first'), WRONG);
    committer.hold();
    const entering = attempts.enter();
    await vi.waitUntil(() => committer.submissions.length > 0);
    const second = attempts.failed(attempt('second'), WRONG);
    committer.release();
    await Promise.all([entering, second]);
    expect(committer.entries.map(({ requestId }) => requestId)).toEqual(['first']);
    expect(journal.lines.map((line) => entryOfLine(line)?.requestId)).toEqual(['second']);
  });

  it('is counted and not kept where there is too much of it', async () => {
    const { attempts, journal, committer, clock } = bench();
    committer.failWith('sealed');
    const code = (peer: string): string | undefined => {
      try {
        attempts.begin({ ...attempt('r'), request: { id: 'r', peer } });
        return undefined;
      } catch (error) {
        return error instanceof KeysError ? error.code : String(error);
      }
    };
    expect(Array.from({ length: 17 }, () => code('192.0.2.1'))).toEqual([...Array(15), 'too_many_requests', 'too_many_requests']);
    expect(code('192.0.2.2')).toBeUndefined();
    await attempts.failed(attempt('r'), new KeysError('too_many_requests'));
    expect(journal.lines).toEqual([]);
    clock.advance(1_000);
    expect([code('192.0.2.1'), code('192.0.2.1')]).toEqual([undefined, 'too_many_requests']);
    attempts.succeeded(attempt('r'));
    expect(code('192.0.2.1')).toBeUndefined();
  });

  it('is at most 1,000 lines, however many come at once', async () => {
    const { attempts, journal } = bench();
    journal.lines = Array<string>(995).fill('torn');
    await Promise.all(Array.from({ length: 20 }, (_, at) => attempts.failed(attempt(`r${at}`), WRONG)));
    expect(journal.lines).toHaveLength(1_000);
  });
});
