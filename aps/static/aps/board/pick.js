// What is selected besides the chosen one: added and taken out one by one, or all that a band touches. Pure.

/** From the hand to the edge of what it holds, and air. */
const HELD_PX = 18;

/** @param {Set<number>} selected @param {number} op @returns {Set<number>} */
export function toggled(selected, op) {
  const found = new Set(selected);
  if (!found.delete(op)) found.add(op);
  return found;
}

// The operations that a rectangle of the canvas touches; y counts from the top of all rows.
/** @param {any} plan @param {any} layout @param {any} scale @param {{x1: number, x2: number, y1: number, y2: number}} band @returns {number[]} */
export function within(plan, layout, scale, band) {
  const [from, until] = [band.x1, band.x2].sort((a, b) => a - b).map((x) => scale.time(Math.max(x, scale.left)));
  const [top, bottom] = [band.y1, band.y2].sort((a, b) => a - b);
  return layout.visible(top, bottom)
    .filter((/** @type {any} */ place) => place.kind === "machine")
    .flatMap((/** @type {any} */ place) => plan.rows[place.machine].filter((/** @type {number} */ op) => plan.end[op] > from && plan.start[op] < until));
}

// Where a bubble of the given size stands: beside the hand, never over what it holds, and off the lanes it may go to when
// there is room for that.
/**
 * @param {{x: number, y: number}} hand @param {{width: number, height: number}} size
 * @param {{left: number, top: number, width: number, height: number}} room @param {[number, number] | null} lanes top and bottom of the legal lanes
 */
export function beside(hand, size, room, lanes) {
  const x = Math.max(4, Math.min(room.width - size.width - 8, Math.max(room.left + 8, hand.x + 24)));
  const below = lanes ? Math.max(lanes[1] + 10, hand.y + HELD_PX) : hand.y + 34;
  const above = (lanes ? Math.min(lanes[0], hand.y - HELD_PX + 10) : hand.y) - size.height - 10;
  const isBelow = below + size.height <= room.height - 4;
  const isAbove = above >= room.top + 4;
  const near = (/** @type {number} */ y) => Math.abs(y + size.height / 2 - hand.y);
  if (isBelow && (!isAbove || near(below) <= near(above))) return { x, y: below };
  if (isAbove) return { x, y: above };
  const y = hand.y + 34 + size.height <= room.height - 4 ? hand.y + 34 : hand.y - size.height - 20;
  return { x, y: Math.max(room.top + 4, y) };
}
