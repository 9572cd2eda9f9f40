"""Which command runs how: some bring their own services, some need none, the rest get them for their duration."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from suite.stack import places

# These neither ask nor change the database.
WITHOUT_SERVICES = {
    "aps", "help", "version", "--version", "--help", "-h", "check", "collectstatic", "compilemessages", "diffsettings",
    "findstatic", "makemessages", "spectacular", "startapp", "startproject",
}  # fmt: skip
# With a database role of its own, these are done by that role (DATABASE_OWNER_URL).
BY_THE_OWNER = {"migrate", "pgtrigger"}


def run(argv: list[str]) -> None:
    """Run one command line to its end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "suite.settings")
    command = argv[1] if len(argv) > 1 else "help"
    if command == "up":
        from suite.stack import supervisor

        sys.exit(supervisor.main(argv[2:]))
    if command == "test":
        from suite.stack import testing

        testing.main(argv[2:])
    if command == "bench":
        from suite.stack import bench

        sys.exit(bench.main(argv[2:]))
    if command == "aps":
        # Files only: a fifth of a second without Django, more than one with it.
        from aps.management.engine import main

        sys.exit(main.main(argv[2:]))
    _manage(argv, command)


def _manage(argv: list[str], command: str) -> None:
    from django.core.management import execute_from_command_line

    if command in BY_THE_OWNER and (owner := os.environ.get("DATABASE_OWNER_URL")):
        os.environ["DATABASE_URL"] = owner
    if command in WITHOUT_SERVICES or "--help" in argv or os.environ.get("THROUGHLINE_PROCESS"):
        execute_from_command_line(argv)
        return
    from suite.stack import services

    signal.signal(signal.SIGTERM, _end)
    with services.used(places.var_dir(), who=command):
        execute_from_command_line(argv)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM unwinds like Ctrl-C, so that services started for this command are stopped."""
    sys.exit(143)
