// Rows of the board: work centres with their machines, folded or not; which row is where. Pure.

export const TOP = 52;
export const LEFT = 240;
const CENTRE = 30;
const ROW = 24;
const SMALL = 13;
const QUIET = 8;

export class Layout {
  constructor(machines, centres) {
    Object.assign(this, { machines, centres, folded: new Set(), only: null, isWeek: false });
    this.lay();
  }
  // `only` is a set of machines that keep their height; the others are lines.
  lay() {
    this.rows = [];
    this.placeOf = new Array(this.machines.length);
    let y = 0;
    const height = this.isWeek ? SMALL : ROW;
    for (const centre of this.centres) {
      const own = this.machines.map((_, index) => index).filter((index) => this.machines[index].work_centre === centre.id);
      const isFolded = this.folded.has(centre.id);
      const head = { kind: "centre", y, h: CENTRE, centre, machines: own, isFolded };
      this.rows.push(head);
      y += CENTRE;
      for (const machine of own) {
        if (isFolded) {
          this.placeOf[machine] = head;
          continue;
        }
        const row = { kind: "machine", y, h: this.only && !this.only.has(machine) ? QUIET : height, machine };
        this.rows.push(row);
        this.placeOf[machine] = row;
        y += row.h;
      }
    }
    this.height = y;
    return this;
  }
  // The row at a height from the top of all rows; undefined below the last.
  at(y) {
    if (y < 0 || y >= this.height) return undefined;
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].y <= y) low = middle;
      else high = middle - 1;
    }
    return this.rows[low];
  }
  visible(from, to) { return this.rows.filter((row) => row.y + row.h > from && row.y < to); }
}
