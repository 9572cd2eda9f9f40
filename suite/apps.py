"""Registration of the app: the house hands its flow table to the facts."""

from django.apps import AppConfig


class SuiteConfig(AppConfig):
    """The house."""

    name = "suite"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Facts know their flows from here on."""
        from masterdata import facts
        from suite.flows import table

        facts.install(table.entries(), table.wake)
