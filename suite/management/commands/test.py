"""`manage.py test`, so that `help` lists it; the work is in suite.stack.testing."""

from django.core.management.base import BaseCommand

from suite.stack import testing


class Command(BaseCommand):
    """Hands its arguments on as they are."""

    help = "Run the tests with services of their own; --all adds browser, crash and long ones."

    def run_from_argv(self, argv: list[str]) -> None:
        """Run outside Django's own command handling: what is started here sets Django up itself."""
        testing.main(argv[2:])
