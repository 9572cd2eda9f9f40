"""The planning engine: plain Python, NumPy, numba and OR-Tools. No Django, no clock, no I/O.

Units: every time and duration is a whole number of minutes; times count from the caller's epoch. Nothing that has not
started is placed before `Problem.now_min`. Given the same problem, seed and budget (counted in moves) every function
returns the same plan, on any machine, with numba or without (`THROUGHLINE_NO_NUMBA=1`).

Call
- `solve.solve(problem, seconds=..., clock=...)` for a plan from nothing within a budget, with its bound.
- `formats.detect.read(text, name)` for problems in files, `generate.generate(operations, seed)` for made-up ones.
- `portfolio.plan(problem, incumbent, moves=..., exact_effort=...)` to plan: keeps the legal part of the incumbent,
  inserts the new, searches behind it. Without an incumbent it builds from nothing.
- `repair.right_shift(problem, incumbent)` for the first valid plan after an event, in milliseconds.
- `offer.LivePlan(problem, plan)`: `.offers(order, operations)` for an order that is not in the plan yet,
  `.down(machine, from_min, until_min)` for what a breakdown moves at once.
- `search.improve(problem, plan, moves=...)` to search behind a valid plan.
- `validate.violations(problem, plan)` before any plan is stored.
- `events.after(problem, plan, event)` for the problem once something happened.
- `bounds.bounds(shop)` for what no plan can beat.
- `explain.chain(problem, plan, operation)` for the reason behind a start, `delivery.order_chain(problem, plan, order)`
  behind an order's end.
- `sooner.sooner(problem, plan, order)` for what would make it earlier.
- `warm.warm_up()` once at set-up, so that nobody waits for the compiler (NUMBA_CACHE_DIR).
"""
