// Sentences of the page with values in them: "%(number)s becomes late" and { number } give words. Pure.

/** @param {string} sentence @param {Record<string, any>} values */
export const filled = (sentence, values) => sentence.replace(/%\((\w+)\)[sd]/g, (_, name) => String(values[name] ?? ""));
