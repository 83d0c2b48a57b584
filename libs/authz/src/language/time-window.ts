import { DAYS, type TimeWindow } from './role.ts';

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Whether a text is a time of the day: `08:00`, or `24:00` for its end. */
export function isTimeOfDay(text: string): boolean {
  return CLOCK.test(text) || text === '24:00';
}

/** Whether a text is a time zone that there is (IANA, by name). */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Whether a moment (epoch milliseconds) is within the window, by the clocks of its zone. */
export function compileWindow({ days, between = ['00:00', '24:00'], zone = 'UTC' }: TimeWindow): (now: number) => boolean {
  const isOn = DAYS.map((day) => days === undefined || days.includes(day));
  const [start, end] = [minutesOf(between[0]), minutesOf(between[1])];
  const read = clockOf(zone);
  return (now) => {
    const { day, minutes } = read(now);
    if (start < end) return isOn[day] === true && minutes >= start && minutes < end;
    return (isOn[day] === true && minutes >= start) || (isOn[(day + 6) % 7] === true && minutes < end);
  };
}

interface LocalTime {
  /** 0 is Monday. */
  readonly day: number;
  readonly minutes: number;
}

function clockOf(zone: string): (now: number) => LocalTime {
  if (zone === 'UTC') return utc;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit' });
  return (now) => {
    const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
    const day = DAYS.findIndex((name) => name === parts['weekday']?.toLowerCase());
    return { day, minutes: (Number(parts['hour']) % 24) * 60 + Number(parts['minute']) };
  };
}

/** The epoch began on a Thursday. */
function utc(now: number): LocalTime {
  const day = (Math.floor(now / DAY_MS) + 3) % 7;
  return { day, minutes: Math.floor(now / 60_000) % DAY_MINUTES };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
