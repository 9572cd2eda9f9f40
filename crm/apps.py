"""Registration of the app."""

from django.apps import AppConfig


class CRMConfig(AppConfig):
    """The app."""

    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Its facts are told on timelines, its documents found by the search."""
        from crm import message_timeline, pipeline_timeline, search, timeline
        from crm.models import (
            Activity,
            Case,
            CustomerGroup,
            CustomerTerms,
            Lead,
            LostReason,
            Mailbox,
            Message,
            MessageTemplate,
            Notice,
            NoticeWish,
            Opportunity,
            PriceList,
            PriceRule,
            Stage,
        )
        from crm.selectors import contracts, prices
        from masterdata import scopes

        scopes.share(CustomerGroup, CustomerTerms, NoticeWish)
        of_an_order = scopes.Belonging(plants=("order__lines__plant",), companies=("order__company",))
        scopes.declare(Notice, of_an_order)
        of_the_company = scopes.Belonging(plants=("company__plants",), companies=("company",))
        scopes.declare(PriceList, of_the_company)
        scopes.declare(
            PriceRule,
            scopes.Belonging(plants=("price_list__company__plants",), companies=("price_list__company",)),
        )

        # Whoever has a plant of what a message is about reads it too.
        about = ("order__lines__plant", "quotation__lines__plant")
        scopes.declare(Message, scopes.Belonging(plants=about, companies=("company",)))
        scopes.declare(Mailbox, scopes.Belonging(companies=("company",)))
        scopes.share(MessageTemplate)
        for model in (Activity, Case, Lead, Opportunity):
            scopes.declare(model, of_the_company)
        scopes.share(LostReason, Stage)
        timeline.register()
        message_timeline.register()
        pipeline_timeline.register()
        search.register()
        prices.AGREED[:] = [contracts.by_contract]
