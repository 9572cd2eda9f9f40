"""The drawing of a panel as SVG, made from its dimensions: outline, edges, grain, holes, grooves, dimension lines.

Pure: no database, no Django. Millimetres from the lower left corner of the inside face, x along the length. Colours and
line widths are names of classes (mes/static/mes/drawing.css), so that the drawing fits light and dark. Dimension lines
follow ISO 129-1: the whole on the outside, chains of what lies between inside of it, oblique strokes at their ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import pairwise

LEFT, TOP, RIGHT, BOTTOM = 104, 52, 36, 62
WIDE, HIGH = 680, 230
"""The panel itself is drawn in at most this many units."""
SYMBOLS = ("dot", "ring", "diamond", "square", "cross", "triangle")
NARROWEST = 20
"""A dimension shorter than this has no room for its figure."""
MOST_IN_CHAIN = 14


@dataclass(frozen=True, slots=True)
class Edges:
    """Thickness of the edge band on each side in mm; 0: none."""

    front: Decimal = Decimal(0)
    back: Decimal = Decimal(0)
    left: Decimal = Decimal(0)
    right: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Holes:
    """`count` holes from (x, y) on, `pitch` mm apart along x, or along y when `is_upright`."""

    x: Decimal
    y: Decimal
    diameter: Decimal
    depth: Decimal
    count: int = 1
    pitch: Decimal = Decimal(0)
    is_upright: bool = False

    @property
    def places(self) -> list[tuple[Decimal, Decimal]]:
        step = (Decimal(0), self.pitch) if self.is_upright else (self.pitch, Decimal(0))
        return [(self.x + step[0] * number, self.y + step[1] * number) for number in range(self.count)]


@dataclass(frozen=True, slots=True)
class Groove:
    """A groove from (x, y), `length` along x (or y when upright), `width` across it."""

    x: Decimal
    y: Decimal
    length: Decimal
    width: Decimal
    depth: Decimal
    is_upright: bool = False

    @property
    def size(self) -> tuple[Decimal, Decimal]:
        return (self.width, self.length) if self.is_upright else (self.length, self.width)


@dataclass(frozen=True, slots=True)
class Panel:
    """What is drawn. `grain`: along the "length", the "width", or none (empty)."""

    name: str
    length: Decimal
    width: Decimal
    thickness: Decimal
    grain: str = ""
    edges: Edges = Edges()
    holes: Sequence[Holes] = ()
    grooves: Sequence[Groove] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a drawing in the reader's language."""

    grain: str = "Grain"
    deep: str = "deep"
    groove: str = "Groove"
    edge: str = "edge"
    inside: str = "Inside face up"
    thick: str = "thick"


class WrongPanel(ValueError):
    """A feature lies outside of the panel, or a measure is not above zero; the text says which."""


def check(panel: Panel) -> None:
    """Raises WrongPanel for what can't be made."""
    if min(panel.length, panel.width, panel.thickness) <= 0:
        raise WrongPanel("Length, width and thickness are above zero.")
    for row in panel.holes:
        _check_holes(panel, row)
    for groove in panel.grooves:
        wide, high = groove.size
        if min(wide, high, groove.depth) <= 0 or groove.depth >= panel.thickness:
            raise WrongPanel("A groove has a length and a width, and is less deep than the panel is thick.")
        if groove.x < 0 or groove.y < 0 or groove.x + wide > panel.length or groove.y + high > panel.width:
            raise WrongPanel(f"The groove at {_n(groove.x)}, {_n(groove.y)} lies outside of the panel.")


def _check_holes(panel: Panel, row: Holes) -> None:
    if row.diameter <= 0 or row.depth <= 0 or row.count < 1:
        raise WrongPanel("A hole has a diameter, a depth and a count above zero.")
    for x, y in row.places:
        if not (0 <= x <= panel.length and 0 <= y <= panel.width):
            raise WrongPanel(f"A hole of Ø {_n(row.diameter)} at {_n(x)}, {_n(y)} lies outside of the panel.")
    if row.depth > panel.thickness:
        raise WrongPanel(f"A hole {_n(row.depth)} deep goes further than {_n(panel.thickness)} mm.")


def draw(panel: Panel, words: Words | None = None) -> str:
    """The SVG. Raises WrongPanel."""
    check(panel)
    sheet = _Sheet(panel, words or Words())
    sheet.body()
    sheet.features()
    sheet.dimensions()
    sheet.legend()
    return sheet.svg()


class _Sheet:
    """Gathers the shapes of one drawing; `at` turns millimetres into the drawing's units."""

    def __init__(self, panel: Panel, words: Words) -> None:
        self.panel, self.words = panel, words
        self.scale = min(Decimal(WIDE) / panel.length, Decimal(HIGH) / panel.width)
        self.wide, self.high = float(panel.length * self.scale), float(panel.width * self.scale)
        self.shapes: list[str] = []
        self.bottom = TOP + self.high + BOTTOM
        self.symbol = {
            diameter: SYMBOLS[min(number, len(SYMBOLS) - 1)]
            for number, diameter in enumerate(sorted({row.diameter for row in panel.holes}))
        }

    def at(self, x: Decimal, y: Decimal) -> tuple[float, float]:
        return LEFT + float(x * self.scale), TOP + self.high - float(y * self.scale)

    def add(self, shape: str) -> None:
        self.shapes.append(shape)

    def text(
        self, x: float, y: float, words: str, css: str = "figure", anchor: str = "middle", turn: bool = False
    ) -> None:
        turned = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turn else ""
        self.add(f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turned}>{escape(words)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        self.add(f'<path class="{css}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>')

    def body(self) -> None:
        """Outline, edges, grain, the corner that is zero."""
        self.add(f'<rect class="panel" x="{LEFT}" y="{TOP}" width="{self.wide:.1f}" height="{self.high:.1f}"/>')
        edges, right, low = self.panel.edges, LEFT + self.wide, TOP + self.high
        for thickness, ends in (
            (edges.front, (LEFT, low, right, low)),
            (edges.back, (LEFT, TOP, right, TOP)),
            (edges.left, (LEFT, TOP, LEFT, low)),
            (edges.right, (right, TOP, right, low)),
        ):
            if thickness > 0:
                x1, y1, x2, y2 = ends
                self.line(x1, y1, x2, y2, "edge-thick" if thickness >= 1 else "edge-thin")
        middle_x, middle_y = LEFT + self.wide / 2, TOP + self.high / 2
        if self.panel.grain == "length":
            self.line(middle_x - 50, middle_y + 14, middle_x + 60, middle_y + 14, "grain")
            self.text(middle_x - 58, middle_y + 18, self.words.grain, "small", "end")
        elif self.panel.grain == "width":
            self.line(middle_x, middle_y + 45, middle_x, middle_y - 45, "grain")
            self.text(middle_x + 10, middle_y + 40, self.words.grain, "small", "start")
        self.text(middle_x, middle_y - 8 if self.panel.grain != "width" else TOP + 18, self.words.inside, "small")
        self.add(f'<circle class="zero" cx="{LEFT}" cy="{low:.1f}" r="6"/>')
        self.line(LEFT - 10, low, LEFT + 10, low, "thin")
        self.line(LEFT, low - 10, LEFT, low + 10, "thin")

    def features(self) -> None:
        for groove in self.panel.grooves:
            wide, high = groove.size
            x, y = self.at(groove.x, groove.y + high)
            w, h = max(2.0, float(wide * self.scale)), max(2.0, float(high * self.scale))
            self.add(f'<rect class="groove" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"/>')
        for row in self.panel.holes:
            for place in row.places:
                self.hole(*self.at(*place), self.symbol[row.diameter])

    def hole(self, x: float, y: float, symbol: str) -> None:
        """Symbols differ by shape as well as by size."""
        shapes = {
            "dot": f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="2.2"/>',
            "ring": f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>',
            "diamond": f'<path class="mark" d="M{x:.1f} {y - 4.5:.1f}l4.5 4.5l-4.5 4.5l-4.5 -4.5z"/>',
            "square": f'<rect class="ring" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>',
            "cross": f'<path class="ring" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"/>',
            "triangle": f'<path class="mark" d="M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z"/>',
        }
        self.add(shapes[symbol])

    def dimensions(self) -> None:
        low, panel = TOP + self.high, self.panel
        self.across(LEFT, LEFT + self.wide, TOP - 26, _n(panel.length), to=TOP)
        self.upright(TOP, low, LEFT - 74, _n(panel.width), to=LEFT)
        chain = chain_of(panel.length, [(row.x, _end(row, 0), row) for row in panel.holes], is_upright=False)
        for start, end, figure in chain:
            self.across(self.at(start, Decimal(0))[0], self.at(end, Decimal(0))[0], low + 30, figure, to=low)
        chain = chain_of(panel.width, [(row.y, _end(row, 1), row) for row in panel.holes], is_upright=True)
        for start, end, figure in chain:
            self.upright(self.at(Decimal(0), end)[1], self.at(Decimal(0), start)[1], LEFT - 38, figure, to=LEFT)

    def across(self, x1: float, x2: float, y: float, figure: str, *, to: float) -> None:
        self.line(x1, y, x2, y, "thin")
        for x in (x1, x2):
            self.line(x, to, x, y + (4 if y > to else -4), "guide")
            self.line(x - 4, y + 4, x + 4, y - 4, "stroke")
        if said := _fitting(figure, x2 - x1):
            self.text((x1 + x2) / 2, y - 5, said)

    def upright(self, y1: float, y2: float, x: float, figure: str, *, to: float) -> None:
        self.line(x, y1, x, y2, "thin")
        for y in (y1, y2):
            self.line(to, y, x - 4, y, "guide")
            self.line(x - 4, y + 4, x + 4, y - 4, "stroke")
        if said := _fitting(figure, y2 - y1):
            self.text(x - 5, (y1 + y2) / 2, said, turn=True)

    def legend(self) -> None:
        """What the symbols are, how deep and how many; grooves, edges, thickness."""
        rows: list[tuple[str, str, str]] = []
        for diameter, depth, pieces in holes_by_kind(self.panel.holes):
            rows.append((self.symbol[diameter], f"Ø {_n(diameter)}, {_n(depth)} {self.words.deep}", f"{pieces} ×"))
        rows += [
            ("groove", f"{self.words.groove} {_n(one.width)}, {_n(one.depth)} {self.words.deep}", f"{_n(one.length)}")
            for one in self.panel.grooves
        ]
        bands = sorted({band for band in _bands(self.panel.edges) if band > 0}, reverse=True)
        rows += [("edge-thick" if band >= 1 else "edge-thin", f"{_n(band)} mm {self.words.edge}", "") for band in bands]
        rows.append(("", f"{_n(self.panel.thickness)} mm {self.words.thick}", ""))
        half = -(-len(rows) // 2)
        top = self.bottom + 12
        for number, (symbol, what, count) in enumerate(rows):
            x, y = LEFT + (number // half) * 340, top + (number % half) * 24
            self.key(symbol, x, y)
            self.text(x + 22, y + 5, what, "figure", "start")
            if count:
                self.text(x + 240, y + 5, count, "figure", "end")
        self.bottom = top + half * 24

    def key(self, symbol: str, x: float, y: float) -> None:
        if symbol in SYMBOLS:
            self.hole(x + 5, y, symbol)
        elif symbol == "groove":
            self.add(f'<rect class="groove" x="{x - 2:.1f}" y="{y - 4:.1f}" width="14" height="8"/>')
        elif symbol:
            self.line(x - 2, y, x + 14, y, symbol)

    def svg(self) -> str:
        wide, high = LEFT + self.wide + RIGHT, self.bottom
        wide = max(wide, LEFT + 620)
        name = escape(self.panel.name)
        return (
            f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" role="img" '
            f'aria-label="{name}"><title>{name}</title><defs><marker id="grain-tip" viewBox="0 0 8 8" refX="7" '
            f'refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8"/></marker></defs>'
            f"{''.join(self.shapes)}</svg>"
        )


def chain_of(
    whole: Decimal, spans: Iterable[tuple[Decimal, Decimal, Holes]], *, is_upright: bool
) -> list[tuple[Decimal, Decimal, str]]:
    """The dimension chain from one side to the other: (from, to, figure). A row of holes is one link, "48 × 32 = 1536";
    nothing when there are no holes, or more places than can be told apart."""
    rows: dict[tuple[Decimal, Decimal], str] = {}
    points = {Decimal(0), whole}
    for start, end, row in spans:
        points |= {start, end}
        if row.is_upright == is_upright and row.count > 1:
            rows[start, end] = f"{row.count - 1} × {_n(row.pitch)} = {_n(row.pitch * (row.count - 1))}"
    ordered = sorted(points)
    if len(ordered) == 2 or len(ordered) > MOST_IN_CHAIN:
        return []
    return [(a, b, rows.get((a, b), _n(b - a))) for a, b in pairwise(ordered)]


def holes_by_kind(holes: Iterable[Holes]) -> list[tuple[Decimal, Decimal, int]]:
    """(diameter, depth, count), the smallest first."""
    counts: dict[tuple[Decimal, Decimal], int] = {}
    for row in holes:
        key = row.diameter, row.depth
        counts[key] = counts.get(key, 0) + row.count
    return [(*key, count) for key, count in sorted(counts.items())]


def _fitting(figure: str, room: float) -> str:
    """The figure, else its sum alone ("48 × 32 = 1536": 1536), else nothing where neither has room."""
    for said in (figure, figure.rpartition("= ")[2]):
        if room >= max(NARROWEST, 7 * len(said)):
            return said
    return ""


def _end(row: Holes, axis: int) -> Decimal:
    return row.places[-1][axis]


def _bands(edges: Edges) -> tuple[Decimal, ...]:
    return edges.front, edges.back, edges.left, edges.right


def _n(value: Decimal) -> str:
    """A figure without zeros at its end."""
    return f"{value.normalize():f}"
