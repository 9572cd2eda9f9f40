"""Registration of the app: the house hands its flow table to the facts and its roles to the rights."""

from django.apps import AppConfig


class SuiteConfig(AppConfig):
    """The house."""

    name = "suite"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Facts know their flows, rights their roles, processes their Celery application from here on."""
        from masterdata import facts, rights
        from masterdata.webhooks import outbox, places
        from suite import addresses, celery, roles, webhooks  # noqa: F401
        from suite.flows import table

        facts.install(table.entries(), table.wake)
        rights.install(roles.ROLES)
        places.install(webhooks.FIELDS, webhooks.OF_KIND)
        outbox.install(webhooks.wake)
        addresses.register_check()
