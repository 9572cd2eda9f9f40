"""Where things lie: the project, its variable files, its virtual environment. Standard library only."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def var_dir() -> Path:
    """Everything that a running Throughline writes; THROUGHLINE_VAR moves it out of the project."""
    given = os.environ.get("THROUGHLINE_VAR")
    return Path(given).expanduser().resolve() if given else ROOT / "var"


def venv_dir() -> Path:
    """The virtual environment; THROUGHLINE_VENV lets several clones share one."""
    given = os.environ.get("THROUGHLINE_VENV")
    return Path(given).expanduser().absolute() if given else ROOT / ".venv"


def node_modules() -> Path:
    """The front-end packages; THROUGHLINE_NODE_MODULES lets several clones share them."""
    given = os.environ.get("THROUGHLINE_NODE_MODULES")
    return Path(given).expanduser().absolute() if given else ROOT / "node_modules"
