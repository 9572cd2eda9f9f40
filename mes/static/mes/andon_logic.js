// What the andon board decides: whether it is stale, and which tiles and alarms a page shows. No DOM.

export const STALE_MS = 65000; // three missed fetches
export const LOST_MS = 5000;
export const TILES = 12;
export const ALARMS = 5;
export const PAGE_MS = 8000;

// Nothing fresh for a minute, or the link lost for some seconds: never show old green.
export function isStale(now, fetchedAt, lostAt) {
  return now - fetchedAt > STALE_MS || (lostAt !== null && now - lostAt > LOST_MS);
}

// The indices shown on a page: what stays is on every page, the rest takes turns.
export function tilesOf(page, stays, size = TILES) {
  const fixed = stays.flatMap((one, index) => (one ? [index] : [])).slice(0, size);
  const turning = stays.flatMap((one, index) => (one ? [] : [index]));
  const room = Math.max(size - fixed.length, 0);
  const pages = room ? Math.max(Math.ceil(turning.length / room), 1) : 1;
  const at = page % pages;
  const shown = new Set([...fixed, ...turning.slice(at * room, at * room + room)]);
  return { shown, pages };
}

export function alarmsOf(page, count, size = ALARMS) {
  const pages = Math.max(Math.ceil(count / size), 1);
  const first = (page % pages) * size;
  const last = Math.min(first + size, count);
  return { first, last, more: count - (last - first) };
}
