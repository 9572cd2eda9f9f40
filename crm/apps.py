"""Registration of the app."""

from django.apps import AppConfig


class CRMConfig(AppConfig):
    """The app."""

    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Its facts are told on timelines, its documents found by the search."""
        from crm import search, timeline

        timeline.register()
        search.register()
