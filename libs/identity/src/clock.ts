/** Where time comes from, so that a test can hold it still. */
export abstract class Clock {
  abstract now(): Date;
}

let last = new Date();

/** The machine's clock. Whoever asks in the same millisecond is handed the same date, which nobody may change. */
export const systemClock: Clock = {
  now: () => {
    const time = Date.now();
    if (time !== last.getTime()) last = new Date(time);
    return last;
  },
};
