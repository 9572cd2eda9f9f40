// Runs before the first paint: without a choice of one's own the page is as light or dark as the device.
(() => {
  const root = document.documentElement;
  const device = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (root.hasAttribute("data-theme-auto")) root.dataset.bsTheme = device.matches ? "dark" : "light";
  };
  follow();
  device.addEventListener("change", follow);
})();
