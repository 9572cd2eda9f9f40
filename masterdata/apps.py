"""Registration of the app."""

from django.apps import AppConfig


class MasterdataConfig(AppConfig):
    """The app."""

    name = "masterdata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Partners, materials and machines are found by the global search."""
        from masterdata import found

        found.register()
