"""A lever: a substitute that the BOM names is used for the material that comes last, where somebody decides so."""

from __future__ import annotations

from decimal import Decimal

from aps import services as aps
from erp import selectors as erp_now
from masterdata import numbers
from masterdata.models import Material
from suite.asks.ground import Driver, Ground, Lever, LeverMaterial

MOST_REPLACED = 3


def instead(ground: Ground) -> Lever | str:
    """The materials that come last, one after the other, replaced by what lies free and may be used for them."""
    best: aps.OfferOption | None = None
    chosen: list[tuple[int, int]] = []
    decided: list[tuple[int, int]] = []
    for _ in range(MOST_REPLACED):
        pair = _next(ground, decided)
        if pair is None:
            break
        decided.append(pair)
        option = next(iter(ground.asked(_with(ground, decided), ground.plant.pk).options), None)
        if option is not None and ground.is_sooner(option) and (best is None or option.deliver_at < best.deliver_at):
            best, chosen = option, list(decided)
    if best is None:
        return "Nothing that may be used for a late material lies free." if ground.explosion.waiting else NO_WAIT
    known = Material.objects.select_related("unit").in_bulk({pk for pair in chosen for pk in pair})
    used = ", ".join(f"{known[other].code} instead of {known[main].code}" for main, other in chosen)
    return Lever(
        kind="instead",
        key="S",
        label=used[:60],
        materials=tuple(LeverMaterial(material_id=other, instead_of_id=main) for main, other in chosen),
        **ground.told(best, _drivers(ground, chosen), cause=f"Uses {used}. {best.cause}"),
    )


NO_WAIT = "It waits for no material."


def _with(ground: Ground, decided: list[tuple[int, int]]) -> erp_now.Explosion:
    return ground.supply.using(decided).explode(ground.question.quantity)


def _next(ground: Ground, decided: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The component that comes last now, and the first that may be used for it and would be."""
    for need in _with(ground, decided).waiting:
        for one in need.instead:
            pair = need.material_id, one.material_id
            if pair in decided or one.by_itself:
                continue
            if any(other.main and other.main[0] == pair[0] for other in _replaced(ground, [*decided, pair], pair[1])):
                return pair
    return None


def _replaced(ground: Ground, decided: list[tuple[int, int]], material_id: int) -> list[erp_now.Need]:
    """The needs that the substitute covers when it is decided."""
    needs = [need for make in _with(ground, decided).work_orders for need in make.components]
    return [need for need in needs if need.is_decided and need.material_id == material_id]


def _drivers(ground: Ground, chosen: list[tuple[int, int]]) -> list[Driver]:
    """What is used costs more, or less, than what it is used for, both as they are valued in the plant."""
    ids = {pk for pair in chosen for pk in pair}
    values = erp_now.unit_values(ground.plant.pk, sorted(ids))
    known = Material.objects.select_related("unit").in_bulk(ids)
    costs = {pk: values.get(pk, row.standard_cost) for pk, row in known.items()}
    found: list[Driver] = []
    for main, other in chosen:
        needs = [need for need in _replaced(ground, chosen, other) if need.main and need.main[0] == main]
        used = sum((need.quantity for need in needs), Decimal(0))
        saved = sum((need.main[1] for need in needs if need.main), Decimal(0))
        more = numbers.money(used * costs[other] - saved * costs[main], ground.decimals)
        text = f"{used.normalize():f} {known[other].unit.code} {known[other].code} instead of {known[main].code}"
        if more:
            found.append((text, more))
    return found
