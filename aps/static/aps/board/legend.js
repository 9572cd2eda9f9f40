// The legend under the board: what the colours say, then the signs that are the same in every mode.

/** @param {HTMLElement} element @param {any} view */
export function legend(element, view) {
  const { say } = view;
  const colours = view.legendPainted?.() ?? [];
  const key = (/** @type {string} */ words, /** @type {string} */ css, /** @type {string[]} */ paint = []) => {
    const found = document.createElement("span");
    const mark = document.createElement("i");
    mark.className = css;
    if (paint.length) {
      mark.style.setProperty("background", paint[0]);
      mark.style.setProperty("border-color", paint[1]);
    }
    found.append(mark, words);
    return found;
  };
  const bar = Object.assign(document.createElement("span"), { className: "bar-line" });
  const signs = [key(say.setup, "k-setup")];
  // Families need the room; what stands for all modes is known from the others.
  if (view.colour !== "family") signs.push(key(say.closed, "k-closed"), key(say.frozen, "k-frozen"), key(say.materialReady, "k-material"), key(say.promise, "k-promise"), key(say.down2, "k-down"));
  if (view.level.isWeek || [...view.layout.people.values()].some((one) => one.groups.length)) signs.push(key(say.tooMuch, "k-over"));
  if (view.level.isWeek) signs.push(key(say.needed, "k-needed"));
  if (view.ghosts) signs.push(key(say.publishedPlace, "k-ghost"));
  element.replaceChildren(...colours.map((/** @type {any} */ one) => (one.style === "leaves" ? key(say.leaves, "k-setup") : key(one.name ?? say[one.key] ?? one.key, "", one.paint))), bar, ...signs);
}
