"""`manage.py aps`, so that `help` lists it; the work is in aps.management.engine, which needs no Django."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aps.management.engine import arguments, main


class Command(BaseCommand):
    """Hands its arguments on as they are."""

    help = arguments.ABOUT

    def add_arguments(self, parser: CommandParser) -> None:
        """For `help aps`."""
        arguments.declare(parser)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run outside Django's own command handling, which would add options that mean nothing here."""
        raise SystemExit(main.main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """Of `call_command`: parsed options have lost the order that the parts need."""
        raise CommandError("Run it from the command line: manage.py aps solve FILE")
