"""Clones of the project for tests of the house."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.clones import Clone

MakeClone = Callable[[str], Clone]


@pytest.fixture
def make_clone() -> Iterator[MakeClone]:
    """Make a clone in a folder of the given name; everything of it is gone after the test."""
    root = Path(tempfile.mkdtemp(prefix="throughline-"))
    root.chmod(0o755)
    clones: list[Clone] = []
    numbers = itertools.count(1)

    def make(name: str) -> Clone:
        clones.append(Clone(root / f"{next(numbers)}" / name))
        return clones[-1]

    yield make
    for clone in clones:
        clone.remove()
    shutil.rmtree(root, ignore_errors=True)
