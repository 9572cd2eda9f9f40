"""Partners, addresses and contacts over REST."""

from __future__ import annotations

from typing import Any

from masterdata import services
from masterdata.api.rows import EditableRows
from masterdata.api.serializers import Row
from masterdata.iban import checked_iban
from masterdata.models import Address, Contact, Partner, PartnerAccount


class AddressRow(Row):
    class Meta:
        model = Address
        fields = ("id", "partner", "kind", "line1", "line2", "postal_code", "city", "country")
        fixed = ("partner",)


class ContactRow(Row):
    class Meta:
        model = Contact
        fields = ("id", "partner", "name", "email", "phone")
        fixed = ("partner",)


class PartnerAccountRow(Row):
    class Meta:
        model = PartnerAccount
        fields = ("id", "partner", "iban", "bic", "holder", "is_main")
        fixed = ("partner",)

    def validate_iban(self, value: str) -> str:
        return checked_iban(value)


class PartnerRow(Row):
    """A partner with addresses and contacts (which have endpoints of their own)."""

    addresses = AddressRow(many=True, read_only=True)
    contacts = ContactRow(many=True, read_only=True)

    class Meta:
        model = Partner
        fields = (
            "id",
            "code",
            "name",
            "kind",
            "is_customer",
            "is_supplier",
            "is_carrier",
            "email",
            "phone",
            "currency",
            "payment_term",
            "tax_code",
            "tax_no",
            "language",
            "credit_rating",
            "is_preferred",
            "is_active",
            "version",
            "addresses",
            "contacts",
        )
        read_only_fields = ("version",)


class Partners(EditableRows):
    """Customers, suppliers and carriers."""

    queryset = Partner.objects.prefetch_related("addresses", "contacts")
    serializer_class = PartnerRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_partner"
    filterset_fields = ("code", "is_customer", "is_supplier", "is_carrier", "is_active")
    search_fields = ("code", "name", "email")
    ordering_fields = ("code", "name")

    def make(self, values: dict[str, Any]) -> Partner:
        return services.create_partner(values=values)

    def change(self, row: Partner, values: dict[str, Any], expected_version: int | None) -> Partner:
        return services.update_partner(partner=row, values=values, expected_version=expected_version)


class Addresses(EditableRows):
    """Where partners are reached or delivered to."""

    queryset = Address.objects.all()
    serializer_class = AddressRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_partner"
    filterset_fields = ("partner", "kind", "country")


class Contacts(EditableRows):
    """People at partners."""

    queryset = Contact.objects.all()
    serializer_class = ContactRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_partner"
    filterset_fields = ("partner",)
    search_fields = ("name", "email")


class PartnerAccounts(EditableRows):
    """Bank accounts of partners, by IBAN."""

    queryset = PartnerAccount.objects.all()
    serializer_class = PartnerAccountRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_partner"
    filterset_fields = ("partner", "iban")


VIEWSETS: list[tuple[str, Any]] = [
    ("partners", Partners),
    ("addresses", Addresses),
    ("contacts", Contacts),
    ("partner-accounts", PartnerAccounts),
]
