// Which part of a job a scanned lot is of, by the lots that lie in the plant. Pure.

const same = (one, other) => one.toUpperCase() === other.toUpperCase();

// The part and the lot as it is written; `isUnknown`: every part's lots are known, and none of them has this number.
export function partOf({ parts }, lots, code, taken = []) {
  for (const part of parts) {
    const lot = lots?.[part.material]?.find((one) => same(one, code));
    if (lot) return { part, lot, isUnknown: false };
  }
  const open = parts.filter((part) => !lots?.[part.material]);
  const free = (rows) => rows.find((part) => !taken.some((one) => one.material === part.material)) ?? rows[0] ?? null;
  return { part: free(open.length ? open : parts), lot: code, isUnknown: parts.length > 0 && !open.length };
}
