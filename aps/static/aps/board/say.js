// Sentences of the page with values in them: "%(number)s becomes late" and { number } give words. Pure.

/** @param {string} sentence @param {Record<string, any>} values */
export const filled = (sentence, values) => sentence.replace(/%\((\w+)\)[sd]/g, (_, name) => String(values[name] ?? ""));

/** The words for one or for many, by the count: `several(say, "moves", 1)`. @param {Record<string, string>} say @param {string} name @param {number | string} count @param {Record<string, any>} [more] */
export const several = (say, name, count, more) => filled(say[`${name}${Number(count) === 1 ? "One" : "Many"}`], { count, ...more });
