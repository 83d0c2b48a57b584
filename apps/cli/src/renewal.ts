/** How long to wait after a failed renewal. */
export const RETRY_MS = 10_000;
/** Time does not pass evenly: a clock is set, a machine sleeps. So the certificate is looked at again and again. */
const LOOK_MS = 60_000;
/** Longer than a certificate begins ahead, and soon over where the clock is wrong. */
const MOST_AHEAD_MS = 3_000;

/** What a certificate says of its time. */
export interface Validity {
  readonly validFromDate: Date;
  readonly validToDate: Date;
}

/** Milliseconds at `now` until the certificate is looked at again: 0 when two thirds of its life are over, which is when it is renewed. */
export function untilRenewal({ validFromDate, validToDate }: Validity, now: number): number {
  const life = validToDate.getTime() - validFromDate.getTime();
  const due = validFromDate.getTime() + (life * 2) / 3;
  return Math.min(Math.max(due - now, 0), LOOK_MS);
}

/** Milliseconds at `now` until a certificate can be used. After a revocation it begins in the second that follows. */
export function untilBegun({ validFromDate }: Validity, now: number): number {
  return Math.min(Math.max(validFromDate.getTime() - now, 0), MOST_AHEAD_MS);
}
