// Text on the canvas: fonts, widths measured once, words cut to the room they have.

const FAMILY = '"Inter Variable", Inter, system-ui, sans-serif';
export const PLAIN = `12px ${FAMILY}`;
export const SMALL = `10px ${FAMILY}`;
export const MEDIUM = `500 12px ${FAMILY}`;
export const BOLD = `600 12px ${FAMILY}`;

export class Words {
  constructor(context) {
    this.context = context;
    this.widths = new Map();
    this.cuts = new Map();
  }
  width(text, font) {
    const key = font.length + text;
    let width = this.widths.get(key);
    if (width === undefined) {
      const before = this.context.font;
      this.context.font = font;
      width = this.context.measureText(text).width;
      this.context.font = before;
      if (this.widths.size > 40000) this.widths.clear();
      this.widths.set(key, width);
    }
    return width;
  }
  // The text, or its beginning with an ellipsis; empty when not even three letters fit.
  fit(text, room, font) {
    if (this.width(text, font) <= room) return text;
    const key = `${room >> 2}|${font.length}|${text}`;
    let found = this.cuts.get(key);
    if (found === undefined) {
      let low = 0;
      let high = text.length;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (this.width(`${text.slice(0, middle).trimEnd()}…`, font) <= room) low = middle;
        else high = middle - 1;
      }
      found = low >= 3 ? `${text.slice(0, low).trimEnd()}…` : "";
      if (this.cuts.size > 20000) this.cuts.clear();
      this.cuts.set(key, found);
    }
    return found;
  }
}
