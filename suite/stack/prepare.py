"""What `up` does with the database before anybody works: migrations, and the demo factory once."""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command, get_commands


def main(logins: str | None) -> None:
    """Migrate; with a file for the log-ins, load the demo factory (the command itself does so only once)."""
    if owner := os.environ.get("DATABASE_OWNER_URL"):
        os.environ["DATABASE_URL"] = owner
    django.setup()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    if logins is None or "demo" not in get_commands():
        return
    from django.db import connections

    connections.close_all()
    Path(logins).touch(mode=0o600)
    with Path(logins).open("w") as out:
        call_command("demo", stdout=out, skip_checks=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
