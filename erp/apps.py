"""Registration of the app."""

from django.apps import AppConfig


class ERPConfig(AppConfig):
    """The app."""

    name = "erp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Suppliers' prices belong to the whole group, as materials and partners do."""
        from erp.models import SupplierPrice
        from masterdata import scopes

        scopes.share(SupplierPrice)
