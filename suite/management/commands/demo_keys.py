"""`manage.py demo_keys [--json]`: issues one API key per role of the demo company and prints their secrets."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from masterdata.errors import Refusal
from suite.demo.keys import issue_demo_keys


class Command(BaseCommand):
    """Each call issues new keys; those of the call before stop working."""

    help = "Issue one API key per role of the demo company and print their secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help='print {"sales": "tl_...", ...}')

    def handle(self, *args: Any, **options: Any) -> None:
        """Print role and key."""
        try:
            issued = issue_demo_keys(now=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        if options["json"]:
            self.stdout.write(json.dumps({role: one.token for role, one in issued.items()}, indent=1))
            return
        for role, one in issued.items():
            self.stdout.write(f"{role:<12} {one.key.user.username:<16} {one.token}")
