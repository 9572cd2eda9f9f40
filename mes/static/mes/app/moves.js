// From one view to another, with the browser's own history.
import { pathOf } from "./routes.js";
import { root, tablet } from "./state.js";

export function go(view, { replace = false } = {}) {
  const path = pathOf(view, root);
  const isHere = path === location.pathname;
  tablet.view = view;
  tablet.sheet = null;
  tablet.sentence = "";
  if (!isHere) history[replace ? "replaceState" : "pushState"](null, "", path);
  tablet.redraw();
}
