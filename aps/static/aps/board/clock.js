// The plant's wall clock in the fields of a form: "2026-11-24T11:05" and back. Pure.

const MINUTE_MS = 60000;

/** @param {import("./zone.js").Zone} zone @param {number} time */
export const typed = (zone, time) => new Date(zone.local(time) * MINUTE_MS).toISOString().slice(0, 16);

/** @param {import("./zone.js").Zone} zone @param {string} text */
export function minute(zone, text) {
  const wall = (Date.parse(`${text}Z`) - zone.epoch) / MINUTE_MS;
  return wall - zone.offset(wall - zone.offset(wall));
}
