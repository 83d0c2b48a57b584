import { normalRecoveryCode, totpStepOf } from '#identity';
import type { Authority } from '../authority/authority.ts';
import type { SecondFactorRecord } from '../authority/records.ts';

/** Whether it is asked for: a first code has confirmed it. */
export function isInForce(factor: SecondFactorRecord | undefined): factor is SecondFactorRecord {
  return factor !== undefined && factor.pendingUntil === undefined;
}

/**
 * A second factor as it is once a code of it was used, by time or for recovery; undefined for what is no code of it, or was used. Whoever
 * commits it has used the code: of many at once, one.
 */
export function withCodeUsed(authority: Authority, factor: SecondFactorRecord, code: string, now: Date): SecondFactorRecord | undefined {
  const step = totpStepOf(factor.secret, code, now);
  if (step !== undefined) return step > factor.lastStep ? { ...factor, lastStep: step } : undefined;
  const normal = normalRecoveryCode(code);
  const hash = normal === undefined ? undefined : authority.hashOf('recovery', normal);
  if (hash === undefined || !factor.recovery.includes(hash)) return undefined;
  return { ...factor, recovery: factor.recovery.filter((other) => other !== hash) };
}
