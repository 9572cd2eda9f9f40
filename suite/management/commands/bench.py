"""`manage.py bench`, so that `help` lists it; the work is in suite.stack.bench."""

from django.core.management.base import BaseCommand

from suite.stack import bench


class Command(BaseCommand):
    """Hands its arguments on as they are."""

    help = "Run a benchmark on scratch services: bench NAME [--quick] [--only PART] [--json]."

    def run_from_argv(self, argv: list[str]) -> None:
        """Run outside Django's own command handling: what is started here sets Django up itself."""
        raise SystemExit(bench.main(argv[2:]))
