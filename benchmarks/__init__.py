"""Speed is measured here, by commands, never asserted by a timed test.

`python3 manage.py bench NAME [--quick] [--only PART] [--json]` starts scratch services (empty, migrated, as durable as
real ones), imports `benchmarks/NAME.py` with Django set up, and calls its

    def run(quick: bool, say: Callable[[str], None]) -> dict[str, Figure]

`say` shows progress on standard error. The keys are the figures' names; `figure()` below makes the values. Wall and CPU
time are figures of their own; a baseline is run in the same call. With `quick` it ends within 45 s, measures at full
size only what it can, and names the rest in `left_out`:

    return {"offer p95": figure(0.41, "s", goal=1.0), "left_out": ["import of AdventureWorks"]}

A benchmark that names its PARTS takes one of them as `only` and runs it alone, in full unless `quick`.

`met` is said only of a figure at full size that has a goal. A table goes to standard output; with `--json` one object.

A benchmark named in WITHOUT_SERVICES needs neither services nor Django: its `main(arguments)` gets what follows its
name and returns the exit status.
"""

from typing import Any

Figure = dict[str, Any]
WITHOUT_SERVICES = ("engine",)


def figure(
    value: float,
    unit: str,
    *,
    goal: float | None = None,
    baseline: float | None = None,
    full_size: bool = True,
    more_is_better: bool = False,
) -> Figure:
    """One figure; whether it meets its goal is worked out here."""
    met = None
    if goal is not None and full_size:
        met = value >= goal if more_is_better else value <= goal
    return {"value": value, "unit": unit, "goal": goal, "baseline": baseline, "met": met}
