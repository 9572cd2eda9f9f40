"""The curve of a search: how the points of its best plan fell, kept short however long it ran."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 200


@dataclass
class Curve:
    """Points by seconds, each at most as high as the one before.

    At most MOST pairs: when there are more, those closer together than a hundredth of the time so far are not kept
    apart from then on; the first and the last always stay.
    """

    pairs: list[tuple[float, int]] = field(default_factory=list)
    apart: float = 0.0

    def note(self, seconds: float, points: int) -> None:
        """The best plan found so far has so many points; no fewer than before changes nothing."""
        if self.pairs and points >= self.pairs[-1][1]:
            return
        at = round(seconds, 2)
        if len(self.pairs) > 1 and at - self.pairs[-2][0] < self.apart:
            self.pairs[-1] = (at, points)
            return
        self.pairs.append((at, points))
        if len(self.pairs) > MOST:
            self._thin(2 * seconds / MOST)

    def _thin(self, apart: float) -> None:
        kept = [self.pairs[0]]
        for pair in self.pairs[1:-1]:
            if pair[0] - kept[-1][0] >= apart:
                kept.append(pair)
        self.pairs, self.apart = [*kept, self.pairs[-1]], apart

    @property
    def first(self) -> int | None:
        """The points of the plan from which the search began."""
        return self.pairs[0][1] if self.pairs else None

    @property
    def best(self) -> int | None:
        """The points of the best plan so far."""
        return self.pairs[-1][1] if self.pairs else None
