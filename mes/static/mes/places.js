// Where on a picture a click was, and which number comes next. Pure.

const round = (part) => (Math.round(Math.min(1, Math.max(0, part)) * 10000) / 100).toFixed(2);

/** Per cent from the left upper corner, with two decimals, never off the picture. */
export function placeOf(clientX, clientY, box) {
  return { x: round((clientX - box.left) / box.width), y: round((clientY - box.top) / box.height) };
}

/** One more than the largest number so far. */
export function nextNumber(numbers) {
  return Math.max(0, ...numbers.map((number) => Number.parseInt(number, 10) || 0)) + 1;
}
