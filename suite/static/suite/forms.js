// Forms: sent once, asked first where it matters, the first fault in view.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = form.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
  });
});

// Back in the browser shows the form as it was: usable again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("form button:disabled")) button.disabled = false;
});

document.querySelector("[aria-invalid=true]")?.focus();

// Sizes that only data knows: <div data-set="--share:46%">, because the content security policy forbids style attributes.
export function applySizes(root = document) {
  for (const element of root.querySelectorAll("[data-set]")) {
    for (const pair of element.dataset.set.split(";")) {
      const [name, value] = pair.split(":");
      if (name.trim().startsWith("--")) element.style.setProperty(name.trim(), value.trim());
    }
  }
}
applySizes();
document.addEventListener("htmx:load", (event) => applySizes(event.detail.elt.parentElement || document));

// One box ticks all rows of its table; it shows "some" when only some are.
for (const table of document.querySelectorAll("[data-ticks]")) {
  const all = table.querySelector("[data-tick-all]");
  const rows = [...table.querySelectorAll("tbody input[type=checkbox]")];
  const look = () => {
    const ticked = rows.filter((row) => row.checked).length;
    all.checked = ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
  });
  table.addEventListener("change", look);
  look();
}
