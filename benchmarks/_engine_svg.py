"""Small drawings as SVG: readable in light and dark pages, no library. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', Arial, sans-serif"
LIGHT = {
    "ink": "#0b1220", "quiet": "#475569", "line": "#e2e8f0", "paper": "#ffffff", "canvas": "#f6f8fa",
    "teal": "#0f766e", "blue": "#2563eb", "amber": "#b45309", "violet": "#6d28d9", "slate": "#64748b",
    "red": "#b91c1c", "green": "#15803d",
}  # fmt: skip
DARK = {
    "ink": "#e8edf4", "quiet": "#a7b3c2", "line": "#36455a", "paper": "#121a26", "canvas": "#1a2432",
    "teal": "#14978c", "blue": "#5b92f7", "amber": "#e0912f", "violet": "#a583f2", "slate": "#8494a9",
    "red": "#ef6461", "green": "#3fae6a",
}  # fmt: skip


def styles() -> str:
    """The house's colours as classes `f-NAME` (fill) and `s-NAME` (stroke), others after dark."""
    return (
        f"text{{font-family:{FONT};font-size:12px}}"
        + _classes(LIGHT)
        + (f"@media (prefers-color-scheme:dark){{{_classes(DARK)}}}")
    )


def _classes(colours: dict[str, str]) -> str:
    return "".join(f".f-{name}{{fill:{value}}}.s-{name}{{stroke:{value}}}" for name, value in colours.items())


class Drawing:
    """A card with a title; what is drawn later lies on top."""

    def __init__(self, width: int, height: int, title: str, subtitle: str = "") -> None:
        """Begin with the card, its title and a line below it."""
        self.width, self.height, self.title = width, height, title
        self.parts: list[str] = []
        self.text(24, 34, title, size=16, weight=600)
        if subtitle:
            self.text(24, 54, subtitle, colour="quiet")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        colour: str = "ink",
        size: int = 12,
        weight: int = 400,
        anchor: str = "start",
    ) -> None:
        """Words with their baseline at y."""
        side = f' text-anchor="{anchor}"' * (anchor != "start")
        style = f' style="font-size:{size}px"' * (size != 12) + f' font-weight="{weight}"' * (weight != 400)
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="f-{colour}"{style}{side}>{escape(words)}</text>')

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1.0, radius: float = 0
    ) -> None:
        """A filled rectangle."""
        more = f' opacity="{opacity:g}"' * (opacity < 1) + f' rx="{radius:g}"' * (radius > 0)
        size = f'width="{max(width, 0.5):.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} class="f-{colour}"{more}/>')

    def frame(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """The outline of a rectangle."""
        size = f'width="{max(width, 0.5):.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="none" class="s-{colour}"/>')

    def path(self, points: Iterable[tuple[float, float]], colour: str, *, width: float = 1.0, dash: str = "") -> None:
        """A line through points."""
        steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        more = f' stroke-dasharray="{dash}"' * bool(dash)
        self.parts.append(
            f'<polyline points="{steps}" fill="none" stroke-width="{width:g}" stroke-linejoin="round" '
            f'class="s-{colour}"{more}/>'
        )

    def legend(self, x: float, y: float, entries: Sequence[tuple[str, str]]) -> None:
        """A dot and a word each, in a row."""
        for words, colour in entries:
            self.box(x, y - 9, 10, 10, colour, radius=2)
            self.text(x + 16, y, words, colour="quiet")
            x += 36 + 6.3 * len(words)

    def written(self) -> str:
        """The file."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        card = (
            f'<rect x="0.5" y="0.5" width="{self.width - 1}" height="{self.height - 1}" rx="10" '
            'class="f-paper s-line"/>'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{escape(self.title)}</title>'
            f"<style>{styles()}</style>{card}{''.join(self.parts)}</svg>\n"
        )


def ticks(least: float, most: float, count: int = 5) -> list[float]:
    """Round numbers from `least` to `most`, about so many."""
    raw = (most - least) / max(1, count)
    if raw <= 0:
        return [least]
    power = 10 ** _floor_log(raw)
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    first = -(-least // step) * step
    return [first + step * at for at in range(int((most - first) / step + 1e-9) + 1)]


def _floor_log(number: float) -> int:
    power = 0
    while number >= 10:
        number, power = number / 10, power + 1
    while number < 1:
        number, power = number * 10, power - 1
    return power


def short(number: float) -> str:
    """1.2 M, 350 k, 12, 0.5."""
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if abs(number) >= 10 * size or (abs(number) >= size and letter == " M"):
            return f"{number / size:.3g}{letter}"
    return f"{number:,.0f}" if abs(number) >= 10 or number == round(number) else f"{number:.2g}"
