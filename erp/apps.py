"""Registration of the app."""

from django.apps import AppConfig


class ERPConfig(AppConfig):
    """The app."""

    name = "erp"
    default_auto_field = "django.db.models.BigAutoField"
