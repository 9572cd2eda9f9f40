// A message small enough to read: two machines with one calendar, an order of two operations, one for stock.
export const message = () => ({
  kind: "full", version: "a.1", since: null, plant: { id: 1, code: "P1", name: "Plant", zone: "UTC" },
  plan: { no: 4, cause: "", setup_min: 30 }, is_waiting: false, epoch: "2020-01-01T00:00:00+00:00", now: 400, from: 0, until: 4320,
  frozen_until: 800, grace: 15, unplanned: 0, work_centres: [{ id: 10, name: "Saw" }, { id: 20, name: "Pack" }],
  calendars: [[[360, 840], [1800, 2280]]], shift_names: ["Day"], shifts: [[[360, 840, 0], [1800, 2280, 0]]],
  machines: [
    { id: 1, code: "SAW-1", name: "Saw", work_centre: 10, calendar: 0, blocks: [] },
    { id: 2, code: "PACK-1", name: "Pack", work_centre: 20, calendar: 0, blocks: [] },
  ],
  parts: [part()],
});

export const part = () => ({
  customers: ["Nordhus"], materials: [["T", "Table"]], steps: ["Saw", "Pack"], families: ["", "oak"],
  orders: { id: [7], number: ["SO-7"], customer: [0], is_rush: [1] },
  lines: { id: [70], order: [0], line_no: [10], due: [1900], promised: [1960] },
  // Work orders 50 (for the line) and 53 (for stock).
  work_orders: { id: [50, 3], number: ["0WO-1", "32"], line: [0, -1], material: [0, 0], quantity: ["5", "2"] },
  // 101 sawn from 360, 102 packed from 840 behind it, 110 sawn for stock from 780.
  operations: {
    id: [101, 1, 8], machine: [0, 1, 0], start: [360, 480, -60], setup: [30, 0, 0], length: [240, 1080, 60],
    work_order: [0, 0, 1], step: [0, 1, 0], sequence: [10, 20, 10], family: [1, 0, 0], flags: [12, 1, 0], ready: [0, 41, -20],
    befores: [0, 2, 0], before: [1, -897], done: { 101: 40 }, mends: { 110: "1" },
  },
  gone: [],
});
