"""Hardware that the demo factory keeps for stock: planned in lots with a safety stock, some of it short."""

from __future__ import annotations

from decimal import Decimal

from erp import services as erp
from masterdata.models import MaterialPlant
from suite.demo.factory import Demo

# Material, safety stock, lot of the size; more than there is of the first two, so that the buyer has something to do.
FOR_STOCK = [("HNG-110", 4000, 500), ("SLD-450", 900, 60), ("CAM-15", 8000, 5000), ("FOOT-ADJ", 800, 400)]

FROM_THE_OTHER = "BRK-STL"  # the second plant gets it from the first


def keep_hardware(demo: Demo) -> None:
    """Say so in the main plant, have the second one supplied by it, and plan both."""
    plant = demo.plants["DG"]
    for code, safety, lot in FOR_STOCK:
        MaterialPlant.objects.update_or_create(
            material=demo.materials[code],
            plant=plant,
            defaults={
                "policy": MaterialPlant.Policy.TO_STOCK,
                "safety_stock": Decimal(safety),
                "lot_rule": MaterialPlant.LotRule.MULTIPLE,
                "lot_qty": Decimal(lot),
            },
        )
    MaterialPlant.objects.update_or_create(
        material=demo.materials[FROM_THE_OTHER],
        plant=demo.plants["PZ"],
        defaults={
            "policy": MaterialPlant.Policy.TO_STOCK,
            "source_plant": plant,
            "safety_stock": Decimal(40),
            "lead_time_days": 3,
        },
    )
    for one in (demo.plants["PZ"], plant):
        erp.plan_changes(plant_id=one.pk, now=demo.now)
