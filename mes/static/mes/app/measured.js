// The values of a check against its tolerances. Pure.

const number = (text) => {
  const value = Number.parseFloat(String(text ?? "").replace(",", "."));
  return Number.isFinite(value) ? value : null;
};

export function isWithin(one, value) {
  if (value === null) return null;
  return (one.lower === null || value >= Number(one.lower)) && (one.upper === null || value <= Number(one.upper));
}

// What the sheet shows: each sample with what was typed and whether it is good; whole when nothing lacks.
export function judged(due, typed) {
  let isWhole = true;
  let isBad = false;
  const lines = due.characteristics.map((one) => {
    const samples = Array.from({ length: one.subgroup }, (_, place) => {
      const key = `${one.line}-${place + 1}`;
      const value = typed[key] ?? "";
      const is = one.kind === "measured" ? isWithin(one, number(value)) : { good: true, bad: false }[value] ?? null;
      if (is === null) isWhole = false;
      if (is === false) isBad = true;
      return { key, value, isGood: is === true, isBad: is === false };
    });
    return { ...one, samples, isMeasured: one.kind === "measured", isGood: samples[0].isGood, isBad: samples[0].isBad };
  });
  return { ...due, lines, isWhole, isBad };
}

export function valuesOf(due, typed) {
  return due.characteristics.flatMap((one) => Array.from({ length: one.subgroup }, (_, place) => {
    const value = typed[`${one.line}-${place + 1}`] ?? "";
    const said = one.kind === "measured" ? { value: String(number(value)) } : { is_good: value === "good" };
    return { characteristic: one.line, sample: place + 1, ...said };
  }));
}
