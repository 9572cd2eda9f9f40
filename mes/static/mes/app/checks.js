// Checks of pieces: what is measured or seen of one that is due, said as one event.
import { tell } from "./actions.js";
import { context, jobOf, tablet } from "./state.js";
import { judged, valuesOf } from "./measured.js";
import { taken } from "./photo.js";

const dueOf = () => jobOf(context().shown, tablet.view.job)?.checks?.find((one) => one.plan === tablet.sheet.plan);

export const checkActions = {
  check({ plan }) {
    const found = jobOf(context().shown, tablet.view.job)?.checks?.find((one) => one.plan === Number(plan));
    tablet.typed.check = {};
    if (found) tablet.sheet = { name: "check", plan: found.plan, due: judged(found, {}) };
  },
  seen({ line, is }) {
    tablet.typed.check = { ...tablet.typed.check, [`${line}-1`]: is };
    tablet.sheet.due = judged(dueOf(), tablet.typed.check);
  },
  measure(_data, form) {
    const given = Object.fromEntries([...form.querySelectorAll("[data-sample]")].map((one) => [one.dataset.sample, one.value]));
    tablet.typed.check = { ...tablet.typed.check, ...given };
    tablet.sheet.due = judged(dueOf(), tablet.typed.check);
  },
  async "check-photo"() {
    const photo = await taken();
    if (photo && tablet.sheet) Object.assign(tablet.sheet, { photo, hasPhoto: true });
  },
  async checked(data, form) {
    checkActions.measure(data, form);
    const due = dueOf();
    const { photo = null } = tablet.sheet;
    if (!tablet.sheet.due.isWhole || (due.needs_photo && !photo)) { tablet.sheet.isEmpty = true; return; }
    const payload = { plan: due.plan, piece: due.piece, values: valuesOf(due, tablet.typed.check), ...(photo ? { photo: photo.id } : {}) };
    if (tablet.typed.gauge) payload.gauge = tablet.typed.gauge;
    await tell("check", { operation: tablet.view.job, payload }, { photo, canUndo: true });
  },
};
