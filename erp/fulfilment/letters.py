"""Papers of the warehouse: the picking list, the delivery note, the labels of packages."""

from __future__ import annotations

from erp.fulfilment.models import Package, PickLine, PickList, Shipment, ShipmentLine
from masterdata.documents.items import named
from masterdata.documents.labels import PARCEL, Label, labels_pdf
from masterdata.documents.letters import Cell, Column, Letter, Row
from masterdata.documents.parties import address_lines, address_of, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from masterdata.models import Address


def delivery_note_pdf(shipment: Shipment, language: str = "") -> Pdf:
    """What goes with the goods, without prices, to be signed at the door; in the customer's language.

    Comes with order and customer, plant and company, address, carrier.
    """
    order, company = shipment.order, shipment.plant.company
    say = wording(language, order.customer.language, company.language)
    lines = shipment.lines.select_related("order_line__material__unit").prefetch_related("contents__lot")
    address = shipment.address or address_of(order.customer, Address.Kind.DELIVERY)
    letter = Letter(
        language=say.language,
        title=say.title("delivery_note"),
        number=shipment.number,
        sender=sender_of(company, say),
        page_of=say.page_of,
        recipient=recipient_of(order.customer, say, address),
        facts=_facts(shipment, say),
        columns=[
            Column(say.head("no"), "right"),
            Column(say.head("description"), wide=True),
            Column(say.head("lot")),
            Column(say.head("quantity"), "right"),
        ],
        rows=[_row(line, say) for line in lines.order_by("order_line__line_no")],
        closing=[say.text("goods_remain_ours")],
        signature=[say.text("delivery_signature")],
    )
    return letter_pdf(letter)


def _facts(shipment: Shipment, say: Wording) -> list[tuple[str, str]]:
    order = shipment.order
    facts = [
        (say.fact("date"), say.day(shipment.shipped_at or shipment.packed_at)),
        (say.fact("customer_no"), order.customer.code),
        (say.fact("order"), order.number),
    ]
    if order.customer_reference:
        facts.append((say.fact("reference"), order.customer_reference))
    if shipment.delivery_terms:
        facts.append((say.fact("delivery"), shipment.delivery_terms))
    if shipment.carrier:
        facts.append((say.fact("carrier"), shipment.carrier.name))
    if shipment.tracking_no:
        facts.append((say.fact("tracking"), shipment.tracking_no))
    packages = list(shipment.packages.filter(parent=None))
    if packages:
        facts.append((say.fact("packages"), str(len(packages))))
    weights = [package.weight_kg for package in packages if package.weight_kg]
    if weights and len(weights) == len(packages):
        facts.append((say.fact("weight"), f"{say.number(sum(weights))} kg"))
    return facts


def _row(line: ShipmentLine, say: Wording) -> Row:
    material = line.order_line.material
    lots = sorted({content.lot.number for content in line.contents.all() if content.lot})
    cells = [Cell(str(line.order_line.line_no)), named(material), Cell(", ".join(lots))]
    return Row([*cells, Cell(say.quantity(line.quantity, material.unit.code))])


def picking_list_pdf(pick_list: PickList, language: str = "") -> Pdf:
    """One walk in the order of places, with a box for what was taken; in the company's language."""
    company = pick_list.plant.company
    say = wording(language, company.language)
    lines = pick_list.lines.select_related("order_line__order", "material__unit", "location", "lot")
    letter = Letter(
        language=say.language,
        title=say.title("picking_list"),
        number=pick_list.number,
        sender=sender_of(company, say),
        page_of=say.page_of,
        recipient=[pick_list.plant.name],
        facts=[(say.fact("date"), say.moment(pick_list.made_at))],
        columns=[
            Column(say.head("place")),
            Column(say.head("description"), wide=True),
            Column(say.head("lot")),
            Column(say.head("document")),
            Column(say.head("quantity"), "right"),
            Column(say.head("picked"), "right"),
        ],
        rows=[_pick(line, say) for line in lines.order_by("location__code", "material__code", "pk")],
        signature=[say.text("picking_signature")],
    )
    return letter_pdf(letter)


def _pick(line: PickLine, say: Wording) -> Row:
    unit = line.material.unit.code
    taken = say.quantity(line.picked_qty, unit) if line.picked_qty else ""
    return Row(
        [
            Cell(line.location.code, strong=True),
            named(line.material),
            Cell(line.lot.number if line.lot else ""),
            Cell(line.order_line.order.number),
            Cell(say.quantity(line.quantity, unit)),
            Cell(taken),
        ]
    )


def package_labels_pdf(shipment: Shipment, language: str = "") -> Pdf:
    """A shipping label for each carton and pallet, with its number as bar code and QR code."""
    customer = shipment.order.customer
    say = wording(language, customer.language, shipment.plant.company.language)
    address = shipment.address or address_of(customer, Address.Kind.DELIVERY)
    to = address_lines(address, say) if address else []
    packages = list(shipment.packages.order_by("pk"))
    labels = [
        Label(
            title=customer.name,
            subtitle="\n".join(to),
            facts=_on_label(shipment, package, f"{number} / {len(packages)}", say),
            scanned=package.number,
            has_qr=True,
        )
        for number, package in enumerate(packages, 1)
    ]
    return labels_pdf(f"{say.fact('packages')} {shipment.number}", labels, say, PARCEL)


def _on_label(shipment: Shipment, package: Package, which: str, say: Wording) -> list[tuple[str, str]]:
    facts = [
        (say.fact("order"), shipment.order.number),
        (say.fact("delivery_note"), shipment.number),
        (say.fact("packages"), which),
    ]
    if package.weight_kg:
        facts.append((say.fact("weight"), f"{say.number(package.weight_kg)} kg"))
    if shipment.carrier:
        facts.append((say.fact("carrier"), shipment.carrier.name))
    if shipment.tracking_no:
        facts.append((say.fact("tracking"), shipment.tracking_no))
    return facts
