"""Registration of the app."""

from django.apps import AppConfig


class MESConfig(AppConfig):
    """The app."""

    name = "mes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say which rows are the group's, and what the global search finds."""
        from masterdata import scopes
        from mes import search
        from mes.models import ExecutionEvent, InstructionPicture, PartFeature, PartShape, Quarantine

        scopes.share(InstructionPicture, PartFeature, PartShape)
        scopes.declare(ExecutionEvent, scopes.Belonging(plants=("plant",)))
        scopes.declare(Quarantine, scopes.Belonging(plants=("plant",)))
        search.register()
