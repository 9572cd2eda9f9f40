// Lists by keyboard: J and K move, Enter opens, / finds. A click anywhere in a row opens it.

const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("table[data-keys] tbody tr[data-url]")];

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-cursor"));
  all[at]?.classList.remove("is-cursor");
  const next = all[Math.max(0, Math.min(at + step, all.length - 1))];
  next.classList.add("is-cursor");
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") {
    const find = document.querySelector(".find input");
    if (find) {
      event.preventDefault();
      find.focus();
      find.select();
    }
  } else if (event.key === "Enter" && !event.target.closest("a, button, summary")) {
    const row = document.querySelector("tr.is-cursor[data-url]");
    if (row) location.assign(row.dataset.url);
  }
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-url]");
  if (!row || event.target.closest("a, button, input, label, summary")) return;
  if (String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.url);
  else location.assign(row.dataset.url);
});

// The address changes while one searches; the export is of what is shown.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-export]");
  if (!link) return;
  const params = new URLSearchParams(location.search);
  params.set("export", link.dataset.export);
  params.delete("page");
  link.href = `?${params}`;
  link.closest("details").open = false;
});
