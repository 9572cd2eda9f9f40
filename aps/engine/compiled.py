"""One switch for the hot loops: compiled by numba, or the same functions in plain Python."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

P = ParamSpec("P")
R = TypeVar("R")
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

PLAIN = os.environ.get("THROUGHLINE_NO_NUMBA", "") == "1"
NEVER = 1 << 40
"""Later than any time; what a calendar answers when the work does not fit any more."""


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """As jit, for a function that only compiled ones call; without the way in from Python it compiles faster.

    It becomes part of its callers: handing over the arrays one by one would cost more than most of them do with them.
    So its machine code need not be kept either.
    """
    more = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True, "cache": False}
    return _compiled(function, more)


def apart(function: Callable[P, R]) -> Callable[P, R]:
    """As inner, for a function that runs seldom or is called from several places: it stays a function of its own."""
    return _compiled(function, {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "cache": False})


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile with numba and keep the machine code in NUMBA_CACHE_DIR, unless THROUGHLINE_NO_NUMBA=1.

    A compiled function makes no arrays of its own: without reference counts on the arrays it is given (`_nrt=False`) it
    is three to twenty times faster. Division by zero is not looked for.
    """
    return _compiled(function, {})


def _compiled(function: Callable[P, R], more: dict[str, Any]) -> Callable[P, R]:
    if PLAIN:
        return function
    import numba

    vars(numba.config)["CACHE_DIR"] = _cache_folder()
    options = {"cache": True, "nogil": True, "_nrt": False, "error_model": "numpy", **more}
    return cast("Callable[P, R]", numba.njit(**options)(function))


def is_compiled() -> bool:
    """Whether this version of the engine has been compiled into NUMBA_CACHE_DIR; True where nothing is compiled."""
    folder = "" if PLAIN else _cache_folder()
    return not folder or any(Path(folder).rglob("*.nbi"))


@cache
def _cache_folder() -> str:
    """A folder per version of the engine below NUMBA_CACHE_DIR.

    numba looks only at a function's own file: after a change in one that it calls it would use old machine code.
    """
    folder = os.environ.get("NUMBA_CACHE_DIR", "")
    if not folder:
        return folder
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    return str(Path(folder) / f"engine-{digest[:12]}")
