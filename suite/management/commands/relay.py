"""`manage.py relay`: wakes what still waits, every second."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from suite import relay


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT."""

    help = "Wake flow runs and plants that still wait, every second (runs by itself under `up`)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Pass once a second."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        relay.run_for_ever(stop)
