// Text on the canvas: fonts, widths measured once, words cut to the room they have.

const FAMILY = '"Inter Variable", Inter, system-ui, sans-serif';
export const PLAIN = `12px ${FAMILY}`;
export const SMALL = `10px ${FAMILY}`;
export const MEDIUM = `500 12px ${FAMILY}`;
export const BOLD = `600 12px ${FAMILY}`;
const MOST_WIDTHS = 60000;
const MOST_CUTS = 30000;
const LEAST_LETTERS = 3;

export class Words {
  /** @param {CanvasRenderingContext2D} context */
  constructor(context) {
    this.context = context;
    /** @type {Map<string, number>} */
    this.widths = new Map();
    /** @type {Map<string, string>} */
    this.cuts = new Map();
  }
  /** @param {string} text @param {string} font */
  width(text, font) {
    const key = font.length + text;
    let width = this.widths.get(key);
    if (width === undefined) {
      const before = this.context.font;
      this.context.font = font;
      width = this.context.measureText(text).width;
      this.context.font = before;
      if (this.widths.size > MOST_WIDTHS) this.widths.clear();
      this.widths.set(key, width);
    }
    return width;
  }
  /** The text, or its beginning with an ellipsis; empty when not even three letters fit. @param {string} text @param {number} room @param {string} font */
  fit(text, room, font) {
    if (this.width(text, font) <= room) return text;
    const whole = room - (room % 4);
    const key = `${whole}|${font.length}|${text}`;
    let found = this.cuts.get(key);
    if (found === undefined) {
      let low = 0;
      let high = text.length;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (this.width(`${text.slice(0, middle).trimEnd()}…`, font) <= whole) low = middle;
        else high = middle - 1;
      }
      found = low >= LEAST_LETTERS ? `${text.slice(0, low).trimEnd()}…` : "";
      if (this.cuts.size > MOST_CUTS) this.cuts.clear();
      this.cuts.set(key, found);
    }
    return found;
  }
  clear() {
    this.widths.clear();
    this.cuts.clear();
  }
}
