/** Where time comes from, so that a test can hold it still. */
export abstract class Clock {
  abstract now(): Date;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };
