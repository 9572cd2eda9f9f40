"""Lamps that are sold, in one line each."""

from __future__ import annotations

from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Invoice, SalesOrder
from masterdata.models import Currency, ExchangeRate, Material, PaymentTerm
from tests.erp.shop import NOW, WANTED, Shop

D = Decimal


def lamps(shop: Shop, quantity: str = "100") -> Material:
    """Lamps worth 20 each on the shelf."""
    lamp = shop.buy("LAMP", cost="20")
    shop.stock(lamp, quantity, "20")
    return lamp


def ship(order: SalesOrder, quantity: str | None = None) -> SalesOrder:
    """Ship so much of the first line, or all that is ready."""
    pieces = None if quantity is None else [(order.lines.order_by("line_no")[0].pk, D(quantity))]
    shipment = erp.pack_shipment(order_id=order.pk, lines=pieces, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    return order


def invoiced(shop: Shop, quantity: str = "10", price: str = "10") -> Invoice:
    """An order of lamps at 19 percent, shipped and invoiced whole."""
    order = ship(shop.order((lamps(shop), quantity, price)))
    return erp.post_invoice(order_id=order.pk, now=NOW)


def dollars(shop: Shop, rate: str) -> Currency:
    """A dollar is so many euros from today on."""
    dollar, _ = Currency.objects.get_or_create(code="USD", defaults={"name": "Dollar"})
    ExchangeRate.objects.update_or_create(
        base=dollar, quote=shop.euro, valid_from=NOW.date(), defaults={"rate": D(rate)}
    )
    return dollar


def dollar_invoice(shop: Shop, rate: str, quantity: str = "10", price: str = "10") -> Invoice:
    """The same in dollars, without tax."""
    shop.customer.tax_code = None
    shop.customer.save()
    line = erp.OrderLineInput(shop.plant.pk, lamps(shop).pk, D(quantity), D(price), WANTED)
    order = erp.create_order(
        company=shop.company, customer=shop.customer, currency=dollars(shop, rate), lines=[line], now=NOW
    )
    return erp.post_invoice(order_id=ship(erp.confirm_order(order_id=order.pk, now=NOW)).pk, now=NOW)


def terms(shop: Shop, **values: str) -> PaymentTerm:
    """The customer's terms from now on."""
    term = PaymentTerm.objects.create(code="T", name="Terms", days=30, **values)
    shop.customer.payment_term = term
    shop.customer.save()
    return term


def account(shop: Shop, role: str) -> Decimal:
    """Debit above zero."""
    return erp_now.account_balance(shop.company, role)


def open_of(invoice: Invoice) -> tuple[Decimal, Decimal]:
    """What is open of it, in its currency and in ours."""
    row = Invoice.objects.with_open().get(pk=invoice.pk)
    return row.open_amount, row.open_own


def received(shop: Shop, amount: str, *parts: tuple[Invoice, str], **more: object) -> int:
    """Money of the customer; the id of the payment."""
    payment = erp.receive_money(
        company_id=shop.company.pk,
        customer_id=shop.customer.pk,
        amount=D(amount),
        parts=[erp.PaymentPart(invoice_id=one.pk, amount=D(part)) for one, part in parts],
        received_on=NOW.date(),
        now=NOW,
        **more,  # type: ignore[arg-type]
    )
    return payment.pk
