"""`manage.py up`, so that `help` lists it; the work is in suite.stack.supervisor."""

from django.core.management.base import BaseCommand

from suite.stack import supervisor


class Command(BaseCommand):
    """Hands its arguments on as they are."""

    help = (
        "Start everything: PostgreSQL, broker, web, workers, relay and clock, with the demo factory. Ctrl-C stops all."
    )

    def run_from_argv(self, argv: list[str]) -> None:
        """Run outside Django's own command handling: what is started here sets Django up itself."""
        raise SystemExit(supervisor.main(argv[2:]))
