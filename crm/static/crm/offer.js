// A signature drawn with finger, pen or mouse: moves and lines in a box of 600 by 200, sent with the form.

const pad = document.querySelector("[data-pad]");

if (pad) {
  const canvas = pad.querySelector("[data-canvas]");
  const ink = pad.querySelector("[data-ink]");
  const field = pad.querySelector("[name=path]");
  const LONGEST = 20000;
  let drawn = "";
  let isDown = false;
  pad.hidden = false;

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = Math.min(600, Math.max(0, ((event.clientX - box.left) / box.width) * 600));
    const y = Math.min(200, Math.max(0, ((event.clientY - box.top) / box.height) * 200));
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  const add = (step) => {
    if (drawn.length + step.length > LONGEST) return;
    drawn += step;
    field.value = drawn.trim();
    ink.setAttribute("d", drawn);
  };

  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    add(`M${place(event)} `);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (isDown) add(`L${place(event)} `);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (isDown = false));
  pad.querySelector("[data-clear]").addEventListener("click", () => {
    drawn = field.value = "";
    ink.setAttribute("d", "");
  });
}
