// Addresses of one machine that the tablet draws by itself. Pure.

const FORMS = [
  [/^$/, "list"],
  [/^stop\/$/, "stop"],
  [/^jobs\/(\d+)\/$/, "job"],
  [/^jobs\/(\d+)\/report\/$/, "report"],
  [/^jobs\/(\d+)\/pause\/$/, "pause"],
];

export function viewOf(path, root) {
  if (!path.startsWith(root)) return null;
  for (const [form, name] of FORMS) {
    const found = path.slice(root.length).match(form);
    if (found) return { name, job: found[1] ? Number(found[1]) : null };
  }
  return null;
}

export function pathOf({ name, job }, root) {
  if (name === "list") return root;
  if (name === "stop") return `${root}stop/`;
  return `${root}jobs/${job}/${name === "job" ? "" : `${name}/`}`;
}
