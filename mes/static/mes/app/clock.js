// Times as the plant reads them. The tablet's own clock may be wrong: what is shown is corrected by the server's. Pure.

const made = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return made.get(key);
}

const HOURS = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { weekday: "short", day: "numeric", month: "short" };

export const serverNow = (offsetMs, now = Date.now()) => new Date(now + offsetMs);

export const hours = (at, zone) => (at ? format(zone, HOURS).format(new Date(at)) : "–");

export const day = (at, zone) => (at ? format(zone, DAY).format(new Date(at)).replace(",", "") : "–");

export const isSameDay = (one, other, zone) => day(one, zone) === day(other, zone);

// "10:42" today, "Tue 07:00" within six days, "Tue 1 Dec, 07:00" after that.
export function soon(at, now, zone) {
  if (!at) return "–";
  if (isSameDay(at, now, zone)) return hours(at, zone);
  if (Math.abs(new Date(at) - new Date(now)) < 6 * 86400e3) {
    return `${format(zone, { weekday: "short" }).format(new Date(at))} ${hours(at, zone)}`;
  }
  return `${day(at, zone)}, ${hours(at, zone)}`;
}

export const minutesBetween = (from, to) => Math.max(0, Math.floor((new Date(to) - new Date(from)) / 60000));

// "70 min", "2 h 05"; the tablet says minutes as long as one counts in them.
export function lasting(minutes) {
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
