#!/usr/bin/env python3
"""The one command: `up` runs Throughline, `test` tests it, everything else is Django's and the apps' own.

It sets itself up first: see suite/stack/setup.py. This file must be readable for older Pythons, to tell them so.
"""

import os
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Throughline needs Python 3.11 or newer, and this is Python %d.%d.\n"
        "Install a newer one (python.org, your system's packages, uv) and call it by name: python3.12 manage.py up"
        % sys.version_info[:2]
    )
if os.name == "nt":
    sys.exit("On Windows, Throughline runs in WSL2 (wsl --install) or with docker compose up.")


def main() -> None:
    """Set up what is missing, then run the command."""
    from suite.stack import setup

    setup.prepare(sys.argv)

    from suite.stack import dispatch

    dispatch.run(sys.argv)


if __name__ == "__main__":
    main()
