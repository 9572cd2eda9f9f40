"""The engine's compiled code: made once per version of its source, before workers would make it several times over."""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from suite.stack import places
from suite.stack.roster import Role

ENGINE = places.ROOT / "aps" / "engine"


def role() -> Role | None:
    """The process that compiles the engine; None when that is done already."""
    if not (ENGINE / "warm.py").exists() or _stamp().exists():
        return None
    return Role("warm", "", [sys.executable, "-m", "aps.engine.warm"])


def done() -> None:
    """Remember that this version is compiled."""
    stamp = _stamp()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()


def make_sure() -> None:
    """Compile it here and now if nobody has; one who comes meanwhile waits for the first."""
    places.var_dir().mkdir(parents=True, exist_ok=True)
    with (places.var_dir() / "warm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if compiling := role():
            environment = compiling.environment()
            subprocess.run(compiling.command, env=environment, cwd=places.ROOT, check=True, stdout=subprocess.DEVNULL)
            done()


def _stamp() -> Path:
    source = hashlib.sha256(str(ENGINE).encode())
    for path in sorted(ENGINE.rglob("*.py")):
        source.update(path.read_bytes())
        source.update(str(path.stat().st_mtime_ns).encode())  # numba looks at it too
    return places.var_dir() / "numba" / f".warm-{source.hexdigest()[:16]}"
