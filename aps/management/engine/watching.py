"""While it runs: Ctrl-C asks for the best plan so far, and a terminal shows how far it is."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from aps.engine.solve import Told

WIDTH = 24
REDRAW_SECONDS = 0.1


class Stop:
    """Whether somebody asked to stop: the first Ctrl-C or SIGTERM asks, the second one ends the command."""

    def __init__(self) -> None:
        """Listen only once `listen` is called."""
        self.asked = False

    def listen(self) -> None:
        """From now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self.asked:
            sys.exit(128 + number)
        self.asked = True

    def __call__(self) -> bool:
        """What a search asks about."""
        return self.asked


class Bar:
    """A line on a terminal that is drawn over itself; nothing at all elsewhere."""

    def __init__(self, seconds: float | None, moves: int | None, *, label: str = "", out: TextIO | None = None) -> None:
        """The budget says how full the bar is."""
        self.out = sys.stderr if out is None else out
        self.shown = self.out.isatty()
        self.seconds, self.moves, self.label = seconds, moves, label
        self.drawn_at = 0.0

    def __call__(self, told: Told) -> None:
        """Draw it anew, not more often than the eye sees."""
        now = time.monotonic()
        if not self.shown or now - self.drawn_at < REDRAW_SECONDS:
            return
        self.drawn_at = now
        full = min(WIDTH, int(WIDTH * self._share(told)))
        bar = "#" * full + "-" * (WIDTH - full)
        words = f"{told.seconds:6.1f} s  best {told.objective}  bound {told.lower_bound}  gap {100 * told.gap:.1f} %"
        self.out.write(f"\r{self.label}[{bar}] {words}\x1b[K")
        self.out.flush()

    def _share(self, told: Told) -> float:
        by_time = told.seconds / self.seconds if self.seconds else 0.0
        by_moves = told.moves / self.moves if self.moves else 0.0
        return max(by_time, by_moves)

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self.shown and self.drawn_at:
            self.out.write("\r\x1b[K")
            self.out.flush()


def note_compiling() -> None:
    """Say on a terminal why nothing happens yet, the first time after the engine has changed."""
    from aps.engine.compiled import is_compiled

    if sys.stderr.isatty() and not is_compiled():
        note("compiling the engine, once: up to a minute")


def note(text: str) -> None:
    """A line for people, beside the result."""
    print(text, file=sys.stderr, flush=True)
