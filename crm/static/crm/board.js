// The board: a card is dragged to a column, or sent there with Alt and an arrow key; both press the button of its menu.

let dragged = null;

const lanes = () => [...document.querySelectorAll("#board .lane")];
const cardOf = (node) => (node instanceof Element ? node.closest("#board .opp") : null);
const laneOf = (node) => (node instanceof Element ? node.closest("#board .lane") : null);

function light(lane) {
  for (const one of lanes()) one.classList.toggle("is-target", one === lane);
}

const cardNumbered = (number) => document.querySelector(`#board .opp[data-card="${number}"]`);

function send(card, lane) {
  const button = lane && card.querySelector(`form button[name="stage"][value="${lane.dataset.stage}"]`);
  if (!button) return;
  window.htmx?.process(card);  // a card just drawn is htmx's only some moments later; before, a click would load the page
  button.click();  // htmx sends the value of the button that was clicked, not of the submitter
}

document.addEventListener("dragstart", (event) => {
  dragged = cardOf(event.target);
  if (!dragged) return;
  if (!dragged.draggable) { dragged = null; return; }
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.card);
  dragged.classList.add("is-dragged");
});

document.addEventListener("dragover", (event) => {
  const lane = dragged && laneOf(event.target);
  if (!lane) return;
  event.preventDefault();
  light(lane);
});

document.addEventListener("drop", (event) => {
  const lane = dragged && laneOf(event.target);
  if (!lane) return;
  event.preventDefault();
  const taken = dragged, card = cardNumbered(taken.dataset.card);
  letGo();
  if (!card || laneOf(card) === lane) return;
  // What lives may have drawn the board anew meanwhile: the card as it is now is sent, with the version that was seen.
  card.querySelector("[name=version]").value = taken.querySelector("[name=version]").value;
  send(card, lane);
});

function letGo() {
  if (dragged) dragged.classList.remove("is-dragged");
  dragged = null;
  light(null);
}

document.addEventListener("dragend", letGo);

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const card = step && event.altKey ? cardOf(event.target) : null;
  if (!card) return;
  event.preventDefault();
  const all = lanes();
  const lane = all[all.indexOf(laneOf(card)) + step];
  if (!lane) return;
  // The focus stays on the card: htmx gives it back to what has the same id.
  send(card, lane);
});
