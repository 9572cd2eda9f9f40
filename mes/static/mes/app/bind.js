// Fills the page's own <template>s: the words and icons are the server's, the values the tablet's. No markup in scripts.

// Titles that the server hands on to a part of the page come with the sign doubled.
const SLOT = /%{1,2}\(([\w.]+)\)s/g;

function read(scopes, path) {
  const [first, ...rest] = path.split(".");
  for (let place = scopes.length - 1; place >= 0; place -= 1) {
    if (scopes[place] !== null && typeof scopes[place] === "object" && first in scopes[place]) {
      return rest.reduce((value, name) => value?.[name], scopes[place][first]);
    }
  }
  return undefined;
}

export const filled = (text, scopes) => text.replace(SLOT, (_, name) => read(scopes, name) ?? "");

const isShown = (element, scopes) => {
  const { if: wanted, not } = element.dataset;
  const has = (path) => { const value = read(scopes, path); return Array.isArray(value) ? value.length > 0 : Boolean(value); };
  return (!wanted || wanted.split(" ").every(has)) && (!not || !not.split(" ").some(has));
};

function fillElement(element, scopes) {
  if (!isShown(element, scopes)) { element.remove(); return; }
  const { each, text, html, css, on } = element.dataset;
  if (each) {
    const rows = read(scopes, each) ?? [];
    for (const row of rows) {
      const copy = element.cloneNode(true);
      delete copy.dataset.each;
      element.before(copy);
      fillElement(copy, [...scopes, typeof row === "object" ? row : { it: row }]);
    }
    element.remove();
    return;
  }
  for (const attribute of [...element.attributes]) {
    if (attribute.value.includes("%(")) attribute.value = filled(attribute.value, scopes);
  }
  if (css) element.classList.add(...String(read(scopes, css) ?? "").split(" ").filter(Boolean));
  // data-on="disabled:isWrong hidden:isEmpty aria-pressed:isOn"
  for (const pair of on ? on.split(" ") : []) {
    const [name, path] = pair.split(":");
    if (name.startsWith("aria-")) element.setAttribute(name, String(Boolean(read(scopes, path))));
    else if (name.startsWith("is-")) element.classList.toggle(name, Boolean(read(scopes, path)));
    else element.toggleAttribute(name, Boolean(read(scopes, path)));
  }
  if (text) element.textContent = read(scopes, text) ?? "";
  else if (html) element.innerHTML = read(scopes, html) ?? "";
  else fillChildren(element, scopes);
  if ("src" in element.dataset) element.setAttribute("src", read(scopes, element.dataset.src) ?? "");
}

function fillChildren(node, scopes) {
  for (const child of [...node.childNodes]) {
    if (child.nodeType === Node.TEXT_NODE) {
      if (child.data.includes("%(")) child.data = filled(child.data, scopes);
    } else if (child.nodeType === Node.ELEMENT_NODE) fillElement(child, scopes);
  }
}

export function made(name, model) {
  const part = document.getElementById(`app-${name}`).content.cloneNode(true);
  fillChildren(part, [model]);
  return part;
}

// In place of what stands there; what was scrolled and had the focus stays so.
export function show(place, name, model) {
  const scrolled = [...place.querySelectorAll("[data-scroll]")].map((one) => [one.dataset.scroll, one.scrollTop]);
  const focus = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.replaceChildren(made(name, model));
  for (const [key, top] of scrolled) {
    const found = place.querySelector(`[data-scroll="${key}"]`);
    if (found) found.scrollTop = top;
  }
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
}
