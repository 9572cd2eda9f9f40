// The tablet's own id goes with the code, so that what it has queued before stays its own.
import { openStore } from "./store.js";

const form = document.getElementById("enrol");
openStore().then(async (store) => { form.elements.uid.value = await store.uid(); }).catch(() => {});
