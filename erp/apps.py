"""Registration of the app."""

from django.apps import AppConfig


class ERPConfig(AppConfig):
    """The app."""

    name = "erp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Suppliers' prices belong to the whole group, as materials and partners do; orders are told and found."""
        from erp.fulfilment import timeline as shipments
        from erp.models import ActionMessage, DeliveryTolerance, Lot, PlannedOrder, SupplierPrice, Transfer
        from erp.payables import search as invoices
        from erp.production import search as work_orders
        from erp.receivables import timeline as money
        from erp.sales import search, timeline
        from erp.stock import search as lots
        from erp.stockroom import search as papers
        from erp.supply import search as purchases
        from masterdata import scopes

        scopes.share(SupplierPrice, DeliveryTolerance)
        scopes.share(Lot)
        scopes.declare(Transfer, scopes.Belonging(plants=("plant", "to_plant")))
        scopes.declare(PlannedOrder, scopes.Belonging(plants=("plant", "source_plant")))
        scopes.declare(ActionMessage, scopes.Belonging(plants=("plant", "planned_order__source_plant")))
        timeline.register()
        shipments.register()
        money.register()
        search.register()
        work_orders.register()
        purchases.register()
        lots.register()
        invoices.register()
        papers.register()
