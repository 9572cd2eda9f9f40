// A plan small enough to work out by hand: two machines, one shift from 360 to 840 each day, three operations.
export const sample = () => ({
  plant: { id: 1, code: "P1", name: "Plant", zone: "UTC" },
  epoch: "2020-01-01T00:00:00+00:00",
  plan: { no: 4, is_final: true, published_at: "2020-01-01T06:00:00+00:00", cause: "Order SO-1", setup_min: 30 },
  now: 400,
  from: 0,
  until: 4320,
  work_centres: [{ id: 10, name: "Saw" }, { id: 20, name: "Pack" }],
  machines: [
    { id: 1, code: "SAW-1", name: "Saw", work_centre: 10, windows: [[360, 840], [1800, 2280]], blocks: [{ start: 420, end: 480, cause: "down", is_open: true }] },
    { id: 2, code: "PACK-1", name: "Pack", work_centre: 20, windows: [[360, 840], [1800, 2280]], blocks: [] },
  ],
  orders: [{ id: 7, number: "SO-2026-0007", is_rush: false }, { id: null, number: "", is_rush: false }],
  operations: {
    id: [101, 102, 103], machine: [0, 0, 1], start: [360, 780, 840], run: [390, 780, 840], end: [600, 1860, 1920],
    order: [0, 1, 0], line: [10, null, 10], work_order: ["WO-1", "WO-2", "WO-1"], step: [10, 10, 20], name: ["Saw", "Saw", "Pack"],
    material: ["T", "T", "T"], quantity: ["5", "2", "5"], family: ["", "", ""], state: ["running", "planned", "planned"], late: [0, 0, 0],
    due: [2000, null, 2000], ready: [null, null, null], title: ["Table", "Table", "Table"], before: [[], [], [101, 999]],
  },
});
