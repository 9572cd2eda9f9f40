// What waits on this tablet, said on the pages that come before it works again: log-in and enrolment.
import { openStore } from "./store.js";

const place = document.getElementById("tablet-waits");

async function tell() {
  const known = (await indexedDB.databases?.())?.some((one) => one.name === "throughline-tablet") ?? true;
  const number = known ? await (await openStore()).count() : 0;
  place.hidden = !number;
  place.lastElementChild.textContent = place.dataset.words.replace("%(number)s", number);
}
tell().catch(() => {});
