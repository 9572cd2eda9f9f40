"""Workers that ended by themselves are started again, but not for ever."""

import time
from collections.abc import Callable, Iterable

from suite.stack.children import Children
from suite.stack.roster import Role

MOST_TIMES, WITHIN_S = 5, 600.0


class Again:
    """Starts the given roles again, each at most MOST_TIMES within WITHIN_S seconds by the clock given.

    A worker keeps nothing that the database and the broker do not know, so another one may take its place. The web
    server holds the connections, and without the database or the broker nothing works: they are not of this kind.
    """

    def __init__(self, children: Children, clock: Callable[[], float] = time.monotonic) -> None:
        self.children = children
        self.clock = clock
        self._roles: dict[str, Role] = {}
        self._times: dict[str, list[float]] = {}

    def start(self, roles: Iterable[Role]) -> None:
        """Start workers, to be started again when one ends by itself."""
        for role in roles:
            self._roles[role.name] = role
            self.children.start(role)

    def whoever_ended(self) -> None:
        """Start again who may be; who ended too often stays ended, for the supervisor to find."""
        for name, reason in self.children.reasons().items():
            if name in self._roles and (nth := self._one_more(name)):
                self.children.clear(name)
                self.children.voice.say(
                    "up",
                    f"ended by itself: {name} ({reason}); started again "
                    f"({nth} of at most {MOST_TIMES} times in {WITHIN_S / 60:.0f} minutes)",
                )
                self.children.start(self._roles[name])

    def _one_more(self, name: str) -> int:
        """Which time of the last minutes this is; 0 if it would be one too many."""
        now = self.clock()
        times = [at for at in self._times.get(name, []) if now - at < WITHIN_S]
        if len(times) >= MOST_TIMES:
            return 0
        self._times[name] = [*times, now]
        return len(times) + 1
