// The plant's wall clock: local midnights and hours of minutes from the epoch, also over a change of the clocks. Pure.

const MINUTE_MS = 60000;

export class Zone {
  /** @param {string} epoch @param {string} name */
  constructor(epoch, name) {
    this.epoch = Date.parse(epoch);
    this.name = name;
    /** @type {Map<number, number>} */
    this.offsets = new Map();
    const format = (/** @type {Intl.DateTimeFormatOptions} */ options) => new Intl.DateTimeFormat("en-GB", { timeZone: name, ...options });
    this.parts = format({ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", hourCycle: "h23" });
    this.dayFormat = format({ weekday: "short", day: "numeric", month: "short" });
    /** @type {Map<number, string>} */
    this.days = new Map();
  }
  /** @param {number} time */
  date(time) { return new Date(this.epoch + time * MINUTE_MS); }
  /** Minutes that local time is ahead of UTC. @param {number} time */
  offset(time) {
    const hour = Math.floor(time / 60);
    let found = this.offsets.get(hour);
    if (found === undefined) {
      const at = this.date(hour * 60);
      const is = Object.fromEntries(this.parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
      found = (Date.UTC(is.year, is.month - 1, is.day, is.hour, is.minute) - at.getTime()) / MINUTE_MS;
      this.offsets.set(hour, found);
    }
    return found;
  }
  /** Minutes of the local day that have passed. @param {number} time */
  minuteOfDay(time) { return (((this.local(time) % 1440) + 1440) % 1440); }
  /** @param {number} time */
  local(time) { return time + this.offset(time) + this.epoch / MINUTE_MS; }
  /** @param {number} time */
  midnight(time) {
    const start = time - this.minuteOfDay(time);
    return start + this.offset(time) - this.offset(start);
  }
  /** Local midnights in [from, to], and the one before. @param {number} from @param {number} to */
  midnights(from, to) {
    const found = [this.midnight(from)];
    while (found[found.length - 1] <= to) found.push(this.midnight(found[found.length - 1] + 1440 + 180));
    return found;
  }
  /** @param {number} time */
  clock(time) {
    const minute = Math.floor(this.minuteOfDay(time));
    return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  }
  /** @param {number} time */
  day(time) {
    const key = Math.floor(time / 15);
    let text = this.days.get(key);
    if (!text) {
      text = this.dayFormat.format(this.date(time)).replace(",", "");
      this.days.set(key, text);
    }
    return text;
  }
  /** The number of the local week as ISO 8601 counts them, and whether its Monday is the day of `time`. @param {number} time */
  week(time) {
    const day = Math.floor(this.local(time) / 1440);
    const weekday = (((day + 3) % 7) + 7) % 7;
    const thursday = day - weekday + 3;
    const first = Date.UTC(new Date(thursday * 1440 * MINUTE_MS).getUTCFullYear(), 0, 1) / MINUTE_MS / 1440;
    return { no: Math.floor((thursday - first) / 7) + 1, isMonday: weekday === 0, isWeekend: weekday > 4 };
  }
  /** The local week as ISO 8601 writes it, "2026-W53": its Thursday's year. @param {number} time */
  weekName(time) {
    const day = Math.floor(this.local(time) / 1440);
    const weekday = (((day + 3) % 7) + 7) % 7;
    const year = new Date((day - weekday + 3) * 1440 * MINUTE_MS).getUTCFullYear();
    return `${year}-W${String(this.week(time).no).padStart(2, "0")}`;
  }
  /** @param {number} time */
  when(time) { return `${this.day(time)}, ${this.clock(time)}`; }
}

/** @param {number} minutes */
export function duration(minutes) {
  const whole = Math.round(Math.abs(minutes));
  if (whole < 60) return `${whole} min`;
  if (whole < 2880) return whole % 60 ? `${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, "0")} min` : `${whole / 60} h`;
  return `${Math.round(whole / 1440)} days`;
}
