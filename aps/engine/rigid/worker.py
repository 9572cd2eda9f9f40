"""A searcher in a process of its own, and how to talk to it: pickled messages through its standard input and output.

Not multiprocessing, whose children may not be started from a task worker's (daemonic) process and would run its main
module again. The process ends when its input does, so it does not outlive whoever started it, even when that is killed.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from aps.engine.rigid.elite import Elite
from aps.engine.rigid.island import Island
from aps.engine.rigid.net import Net

LOOK, GRACE = 0.02, 0.08
"""Seconds between two looks at whether to stop, and how long a stopped searcher is waited for."""
SHARED = 2
"""Elites that a searcher tells the others after each round."""


class Report(NamedTuple):
    """What a searcher did in a round, its best plan, and the elites that it tells the others."""

    moves: int
    best: Elite
    elites: list[Elite]


class Local:
    """A searcher in this process: `begin` does nothing yet, `end` does the round."""

    def __init__(self, net: Net, seed: int, lowest: int) -> None:
        """Make its first plan."""
        self.island = Island(net, seed, lowest)
        self.stopped = False
        self.moves = 0

    def begin(self, moves: int, elites: list[Elite]) -> None:
        """Learn what others have found, and remember the budget."""
        self.island.pool.merge(elites)
        self.moves = moves

    def end(self, stop: Any) -> Report:
        """Search; what it found."""
        return report(self.island, self.island.advance(self.moves, stop))

    def stop(self) -> None:
        """Nothing runs between two rounds."""

    def close(self) -> None:
        """Nothing to close."""


def report(island: Island, moves: int) -> Report:
    """What the searcher has to say after so many moves."""
    ranked = sorted(island.elites(), key=lambda one: one.makespan)
    return Report(moves, island.best, ranked[:SHARED])


class Remote:
    """A searcher in another process."""

    def __init__(self, net: Net, seed: int, lowest: int) -> None:
        """Start the process; it gets ready while others work."""
        root = Path(__file__).parents[3]
        path = os.pathsep.join(one for one in (str(root), os.environ.get("PYTHONPATH", "")) if one)
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from aps.engine.rigid import worker; worker.serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.answers: queue.Queue[Report | None] = queue.Queue()
        self.messages: queue.Queue[object] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()
        self._tell((net, seed, lowest))

    def begin(self, moves: int, elites: list[Elite]) -> None:
        """Let it search for so many moves, knowing what others have found."""
        self._tell((moves, elites))

    def has_answered(self) -> bool:
        """Whether the round is over."""
        return not self.answers.empty()

    def end(self, stop: Any) -> Report | None:
        """Wait for the end of its round. When stopped it has GRACE seconds to answer; None when it has not by then.

        Raises RuntimeError if the process died.
        """
        left = GRACE
        while left > 0:
            if stop():
                if left == GRACE:
                    self.stop()
                left -= LOOK
            try:
                answer = self.answers.get(timeout=LOOK)
            except queue.Empty:
                continue
            if answer is None:
                raise RuntimeError("a searcher's process has ended by itself")
            return answer
        return None

    def stop(self) -> None:
        """Let it end its round now."""
        self._tell("stop")

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _tell(self, message: object) -> None:
        self.messages.put(message)

    def _write(self) -> None:
        """In a thread, because a process that is still starting does not read yet."""
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            while True:
                pickle.dump(self.messages.get(), self.process.stdin)
                self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                self.answers.put(pickle.load(self.process.stdout))  # noqa: S301 — our own process
        except (EOFError, ValueError, OSError):
            return
        finally:
            self.answers.put(None)


def main(heard: IO[bytes], told: IO[bytes]) -> None:
    """Search as told until the input ends."""
    net, seed, lowest = pickle.load(heard)  # noqa: S301 — from who started this process
    messages: queue.Queue[tuple[int, list[Elite]]] = queue.Queue()
    stopped = threading.Event()

    def listen() -> None:
        while True:
            try:
                message = pickle.load(heard)  # noqa: S301
            except (EOFError, OSError):
                os._exit(0)
            if message == "stop":
                stopped.set()
            else:
                messages.put(message)

    threading.Thread(target=listen, daemon=True).start()
    island = Island(net, seed, lowest)
    while True:
        moves, elites = messages.get()
        island.pool.merge(elites)
        answer = report(island, island.advance(moves, stopped.is_set))
        stopped.clear()
        pickle.dump(answer, told)
        told.flush()


def serve() -> None:
    """The other process: messages on its own channel, whatever else is printed goes to the error output."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    main(sys.stdin.buffer, channel)
