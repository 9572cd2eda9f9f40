"""Whose a server is that was left over: it works in the folder of its data, a copied folder only names its process."""

from pathlib import Path

import psutil


def works_in(pid: int, folder: Path) -> bool | None:
    """Whether this process has the folder as its working folder; None when there is no such process, or no right."""
    try:
        return Path(psutil.Process(pid).cwd()).resolve() == folder.resolve()
    except psutil.Error:
        return None
