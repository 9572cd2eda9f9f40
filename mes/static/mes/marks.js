// Marks on a picture: a click sets the next number, the table below says the same and can be typed in.
import { nextNumber, placeOf } from "./places.js";

const area = document.querySelector("[data-marks] .marked-area");
const rows = document.querySelector("[data-mark-rows] tbody");
const blank = document.querySelector("[data-mark-row]");

const value = (row, name) => row.querySelector(`[name="${name}"]`).value.trim();

function draw() {
  for (const mark of area.querySelectorAll("span.mark")) mark.remove();
  for (const row of rows.children) {
    const [number, x, y] = ["number", "x", "y"].map((name) => value(row, name).replace(",", "."));
    row.querySelector("[data-mark-remove]").hidden = false;
    if (!number || x === "" || y === "") continue;
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = number;
    mark.style.setProperty("--x", `${x}%`);
    mark.style.setProperty("--y", `${y}%`);
    area.append(mark);
  }
}

function emptyRow() {
  const free = [...rows.children].find((row) => !value(row, "x") && !value(row, "y"));
  if (free) return free;
  rows.append(blank.content.cloneNode(true));
  return rows.lastElementChild;
}

area.addEventListener("click", (event) => {
  const place = placeOf(event.clientX, event.clientY, area.getBoundingClientRect());
  const numbers = [...rows.children].map((row) => value(row, "number"));
  const row = emptyRow();
  row.querySelector('[name="number"]').value = nextNumber(numbers);
  row.querySelector('[name="x"]').value = place.x;
  row.querySelector('[name="y"]').value = place.y;
  draw();
  row.querySelector('[name="text"]').focus();
});
rows.addEventListener("input", draw);
rows.addEventListener("click", (event) => {
  if (!event.target.closest("[data-mark-remove]")) return;
  event.target.closest("tr").remove();
  draw();
});
draw();
