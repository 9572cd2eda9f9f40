// Theme, folding of the navigation, Ctrl-K, the clock of a tablet.

const root = document.documentElement;
const remember = (name, value) => {
  const age = value ? 31536000 : 0;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${age}; samesite=lax${secure}`;
};

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (!choice) return;
  event.preventDefault();
  const theme = choice.dataset.themeChoice;
  remember("theme", theme);
  root.toggleAttribute("data-theme-auto", !theme);
  root.dataset.bsTheme = theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  choice.closest("details").open = false;
});

const fold = document.getElementById("fold");
fold?.addEventListener("click", () => {
  const folded = root.classList.toggle("is-folded");
  fold.setAttribute("aria-pressed", String(folded));
  remember("nav", folded ? "folded" : "");
});

const search = document.getElementById("search");
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

const box = search?.closest(".tl-search");
box?.addEventListener("keydown", (event) => {
  const hits = [...box.querySelectorAll(".found a")];
  const at = hits.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && hits.length) {
    event.preventDefault();
    hits[Math.min(at + 1, hits.length - 1)].focus();
  } else if (event.key === "ArrowUp" && at >= 0) {
    event.preventDefault();
    (hits[at - 1] || search).focus();
  } else if (event.key === "Escape") {
    document.activeElement.blur();
  }
});

const clock = document.querySelector("[data-clock]");
if (clock) {
  const zone = clock.dataset.zone || undefined;
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
  setInterval(() => { clock.textContent = time.format(new Date()); }, 5000);
}
