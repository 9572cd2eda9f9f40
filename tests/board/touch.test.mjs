// A finger on the board: what a long press lifts is carried, or added to the selection when it is let go on the spot.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hands } from "../../aps/static/aps/board/hands.js";

if (!globalThis.navigator) globalThis.navigator = {};
globalThis.requestAnimationFrame ??= () => 1;

// The board's element with one operation, 7, under every point; what is done is written down.
function board(why = "") {
  const done = [];
  const listeners = {};
  const element = { dataset: {}, addEventListener: (name, deed) => { listeners[name] = deed; }, setPointerCapture: () => {} };
  const view = { scale: { left: 240 }, canvas: { getBoundingClientRect: () => ({ left: 0, top: 0 }) }, hit: () => 7, miniAt: () => null, flagAt: () => null, redraw: () => {}, pan: () => done.push("pan") };
  const hand = {
    held: null, why: () => why,
    lift(op) {
      if (why) done.push(why);
      else done.push(`lift ${op}`);
      return !why;
    },
    move: (x, y) => done.push(`move ${x},${y}`), drop: () => done.push("drop"), cancel: () => done.push("cancel"),
  };
  const on = { hover: () => {}, looked: () => {}, select: () => {}, chooseOrder: () => {}, choose: (op, isAdded) => done.push(`${isAdded ? "add" : "choose"} ${op}`) };
  const hands = new Hands(view, element, hand, on);
  const send = (name, x, y, pointerType = "touch") => listeners[name]({ pointerId: 1, button: 0, pointerType, clientX: x, clientY: y, shiftKey: false, altKey: false });
  const long = () => { clearTimeout(hands.press.timer); hands.long(); };
  return { done, send, long };
}

test("a long press that trembles and is let go on the spot adds to the selection and drops nothing", () => {
  const { done, send, long } = board();
  send("pointerdown", 400, 200);
  long();
  send("pointermove", 404, 203);
  send("pointerup", 404, 203);
  assert.deepEqual(done, ["lift 7", "cancel", "add 7"]);
});

test("once it has moved it is carried, and dropped even where it was lifted", () => {
  const { done, send, long } = board();
  send("pointerdown", 400, 200);
  long();
  send("pointermove", 440, 200);
  send("pointermove", 400, 200);
  send("pointerup", 400, 200);
  assert.deepEqual(done, ["lift 7", "move 440,200", "move 400,200", "drop"]);
});

test("a tap chooses, a finger that moves at once pans, a mouse carries", () => {
  const { done, send } = board();
  send("pointerdown", 400, 200);
  send("pointerup", 402, 200);
  send("pointerdown", 400, 200);
  send("pointermove", 420, 200);
  send("pointerup", 420, 200);
  send("pointerdown", 400, 200, "mouse");
  send("pointermove", 406, 200, "mouse");
  send("pointerup", 406, 200, "mouse");
  assert.deepEqual(done, ["choose 7", "pan", "lift 7", "move 406,200", "drop"]);
});

test("what stays says once why a mouse cannot carry it, while the board is panned; who only looks on pans", () => {
  const dragged = (why, kind = "mouse") => {
    const { done, send } = board(why);
    send("pointerdown", 400, 200, kind);
    for (const x of [420, 440]) send("pointermove", x, 200, kind);
    send("pointerup", 440, 200, kind);
    return done;
  };
  assert.deepEqual(dragged("frozen"), ["frozen", "pan", "pan"]);
  assert.deepEqual(dragged("closed"), ["pan", "pan"]);
  assert.deepEqual(dragged("frozen", "touch"), ["pan", "pan"]);
});
