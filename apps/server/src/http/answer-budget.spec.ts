import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { AnswerBudget, isLarge } from './answer-budget.ts';
import { Refusal } from './refusal.ts';
import type { UnsentAnswer } from './unsent-answer.ts';

const KIB = 1024;
const LIMITS = { soft: 400 * KIB, hard: 800 * KIB, share: 200 * KIB };

function scene() {
  const time = { now: 0 };
  const cut: string[] = [];
  const budget = new AnswerBudget(LIMITS, () => time.now);
  const hold = (caller: string, kib: number, name = caller): UnsentAnswer =>
    budget.paced(Buffer.alloc(kib * KIB, name), { caller, cut: () => void cut.push(name) });
  const refused = (id: string): boolean => {
    try {
      budget.admit({ id });
      return false;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'overloaded') return true;
      throw error;
    }
  };
  return { time, cut, budget, hold, refused };
}

describe('the budget of answers', () => {
  it('lets an answer leave whole, and counts it until it has', async () => {
    const { budget, hold } = scene();
    const answer = hold('a', 200);
    expect(budget.bytes).toBe(200 * KIB);
    expect(await buffer(answer)).toEqual(Buffer.alloc(200 * KIB, 'a'));
    expect(budget.bytes).toBe(0);
  });

  it('counts nothing any more of an answer whose reader has gone', async () => {
    const { budget, hold } = scene();
    const answer = hold('a', 200);
    answer.read(64 * KIB);
    answer.destroy();
    await once(answer, 'close');
    expect(budget.bytes).toBe(0);
  });

  it('takes on no bundle while too much waits of many, and again when it was read', async () => {
    const { budget, hold, refused, cut } = scene();
    const answers = ['a', 'b', 'c', 'd'].map((caller) => hold(caller, 100));
    expect(refused('e')).toBe(true);
    expect(cut).toEqual([]);
    await buffer(answers[0] as UnsentAnswer);
    expect(budget.bytes).toBe(300 * KIB);
    expect(refused('e')).toBe(false);
  });

  it('makes room for others at the cost of who holds more than a share, the oldest first, and not for that one', () => {
    const { hold, refused, cut } = scene();
    for (const name of ['a1', 'a2', 'a3']) hold('a', 110, name);
    hold('b', 100);
    expect(refused('a')).toBe(true);
    expect(cut).toEqual([]);
    expect(refused('c')).toBe(false);
    expect(cut).toEqual(['a1']);
  });

  it('makes room at the cost of who has had time and reads slowly, whoever it is', () => {
    const { time, hold, refused, cut } = scene();
    const [slow, fast] = ['slow', 'fast'].map((caller) => hold(caller, 190));
    hold('new', 190);
    time.now = 5_001;
    slow?.read(64 * KIB);
    // What is not slow has given most of it away.
    for (let piece = 0; piece < 3; piece += 1) fast?.read();
    hold('newer', 190);
    expect(refused('other')).toBe(false);
    expect(cut).toEqual(['slow']);
  });

  it('never lets more than its hard limit wait', () => {
    const { budget, hold, cut } = scene();
    for (let at = 0; at < 50; at += 1) {
      hold(`caller ${at % 5}`, 90, `answer ${at}`);
      expect(budget.bytes).toBeLessThanOrEqual(LIMITS.hard);
    }
    expect(cut.length).toBe(50 - 8);
    expect(cut[0]).toBe('answer 0');
  });

  it('counts what is large, and leaves streams as they are', () => {
    expect([
      isLarge('x'.repeat(64 * KIB)),
      isLarge(Buffer.alloc(64 * KIB)),
      isLarge(Buffer.alloc(100)),
      isLarge({}),
      isLarge(null),
    ]).toEqual([true, true, false, false, false]);
  });
});
