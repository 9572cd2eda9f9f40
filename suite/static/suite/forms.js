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
