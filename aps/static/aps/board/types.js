// The shapes that the board's modules hand to each other; types only, for the checker. Times are minutes from the epoch.

/**
 * @typedef {[number, number]} Span from, to
 * @typedef {{ start: number, end: number, cause?: string, is_open?: boolean }} Hole
 * @typedef {{ id: number, code: string, name: string, work_centre: number, windows: Span[], shifts?: [number, number, string][], blocks: Hole[], plant?: number }} Machine
 * @typedef {{ id: number, name: string, plant?: number }} Centre
 * @typedef {{ id: number, code: string, name: string, zone: string, frozen_until?: number | null }} PlantHead
 * @typedef {{ id: number | null, number: string, customer?: string, is_rush?: boolean, ops: number[], risk: number }} Order
 */

/**
 * The plan as it is drawn: a column per property, an operation is a position in all of them.
 * [start, run) is setup; `done` is percent.
 * @typedef {object} Plan
 * @property {number} count
 * @property {number} now
 * @property {number} first
 * @property {number} last
 * @property {ArrayLike<number>} id
 * @property {ArrayLike<number>} machine
 * @property {ArrayLike<number>} start
 * @property {ArrayLike<number>} run
 * @property {ArrayLike<number>} end
 * @property {ArrayLike<number>} order
 * @property {ArrayLike<number | null>} due
 * @property {ArrayLike<number | null>} [promised] to the customer: transport comes behind `due`
 * @property {ArrayLike<number | null>} ready
 * @property {ArrayLike<number | null>} slack
 * @property {ArrayLike<number>} risk
 * @property {ArrayLike<number>} [late]
 * @property {ArrayLike<number>} [done]
 * @property {ArrayLike<boolean>} [pinned]
 * @property {ArrayLike<boolean>} [frozen]
 * @property {ArrayLike<number | null>} [line]
 * @property {ArrayLike<boolean>} [leaves] another plant makes it once the draft is published
 * @property {ArrayLike<boolean>} [comes] from another plant, where it leaves
 * @property {ArrayLike<number | null>} [spare] minutes before its date there, of what leaves or comes
 * @property {number[]} strand the order line, numbered through
 * @property {string[]} state
 * @property {string[]} family
 * @property {string[]} title
 * @property {string[]} [material] codes
 * @property {string[]} name
 * @property {(string | number)[]} quantity
 * @property {string[]} work_order
 * @property {number[][]} preds
 * @property {number[][]} rows
 * @property {(Span[] | undefined)[]} pieces
 * @property {Order[]} orders
 * @property {Machine[]} machines
 * @property {Map<number, number>} at
 * @property {any} data
 * @property {PlantHead[]} [plants]
 */

/**
 * A row of the board. `machines` are those that stand under a head, `key` is what folds it.
 * @typedef {object} Place
 * @property {"plant" | "people" | "centre" | "machine"} kind
 * @property {number} y
 * @property {number} h
 * @property {number} machine -1 on a head
 * @property {number[]} machines
 * @property {string | number} key
 * @property {boolean} isFolded
 * @property {number} plant position in the plan's plants
 * @property {Centre} [centre]
 * @property {number} [group] of people; 0: all of them
 */

/**
 * Heads needed and there, by hour, of each group of people in a plant.
 * @typedef {{ name: string, from: number, step: number, need: number[], there: number[] }} Group
 * @typedef {{ groups: Group[] }} People
 */

/**
 * Work in the hand: `ops[0]` is under it; `moved` is where all that differs would lie, `late` what is ringed in red.
 * @typedef {{ machine: number, start: number, run: number, end: number }} Lie
 * @typedef {object} Drag
 * @property {number[]} ops
 * @property {number | null} machine
 * @property {number} at
 * @property {number} minutes
 * @property {number} x
 * @property {number} y
 * @property {boolean} [isLegal]
 * @property {boolean} [isPin]
 * @property {Set<number> | null} legal
 * @property {Map<number, Lie>} [moved]
 * @property {Set<number>} [late]
 */

/**
 * What stands in a pattern of colours: fill, border, number, words.
 * @typedef {[string, string, string, string]} Paint
 * @typedef {"late" | "order" | "family" | "state"} Mode
 */

/** Bars of one frame, collected by style, four numbers a rectangle.
 * @typedef {object} Found
 * @property {Map<string, number[]>} bars
 * @property {Map<string, number[]>} sticks
 * @property {Map<string, number[]>} joins
 * @property {Map<string, number[]>} setups
 * @property {Map<string, number[]>} progress
 * @property {[number[], number[]]} feet at risk, late
 * @property {Label[]} labels
 * @property {{ kind: string, style: string, x: number, y: number }[]} glyphs
 * @property {{ op: number, y: number }[]} diamonds
 * @property {number} count
 * @typedef {{ op: number, style: string, x: number, y: number, width: number, isDim: boolean }} Label
 */

export {};
