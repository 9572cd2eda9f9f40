"""Clones of the project for tests of the house."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.house.clones import Clone

MakeClone = Callable[[str], Clone]


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that the database server's account may enter."""
    root = Path(tempfile.mkdtemp(prefix="throughline-"))
    root.chmod(0o755)
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def set_up_clone() -> Iterator[Clone]:
    """A clone whose database is migrated; nothing runs in it."""
    with folder() as root:
        clone = Clone(root / "set up")
        done = clone.command("migrate", "-v0")
        assert done.returncode == 0, done.stderr
        yield clone


@pytest.fixture
def make_set_up_clone(make_clone: MakeClone, set_up_clone: Clone) -> MakeClone:
    """As `make_clone`, with the database of a clone that was started before: for what is not about a first start."""

    def make(name: str) -> Clone:
        clone = make_clone(name)
        clone.take_data(set_up_clone)
        return clone

    return make


@pytest.fixture
def make_clone() -> Iterator[MakeClone]:
    """Make a clone in a folder of the given name; everything of it is gone after the test."""
    clones: list[Clone] = []
    numbers = itertools.count(1)
    with folder() as root:

        def make(name: str) -> Clone:
            clones.append(Clone(root / f"{next(numbers)}" / name))
            return clones[-1]

        yield make
        for clone in clones:
            clone.remove()
