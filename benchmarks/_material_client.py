"""One of several clients that post at once, a process of its own: `python -m benchmarks._material_client IDS...`.

Receives the purchase orders named, one after the other. Says "ready" once it has received the first ones, starts when
a line comes in, says in one line of JSON what it took (seconds, CPU seconds, deadlocks), and ends after a last line.
"""

from __future__ import annotations

import json
import os
import sys
import time

WARM_UP = 6


def main(ids: list[int]) -> None:
    """Post one receipt per order."""
    import django

    django.setup()
    from django.db import OperationalError
    from django.utils import timezone

    from erp import services as erp

    deadlocks = 0

    def receive(purchase_order_id: int) -> None:
        nonlocal deadlocks
        try:
            erp.receive_purchase(purchase_order_id=purchase_order_id, now=timezone.now())
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "40P01":
                raise
            deadlocks += 1

    for purchase_order_id in ids[:WARM_UP]:
        receive(purchase_order_id)
    print("ready", flush=True)
    sys.stdin.readline()
    began, cpu = time.perf_counter(), time.process_time()
    for purchase_order_id in ids[WARM_UP:]:
        receive(purchase_order_id)
    spent = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "deadlocks": deadlocks}
    print(json.dumps(spent), flush=True)
    sys.stdin.readline()  # the connection stays until its CPU time has been read


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "suite.settings")
    main([int(one) for one in sys.argv[1:]])
