"""Makespan of rigid shops (job shops, flexible job shops, assembly graphs): tabu search, path relinking, and bounds.

`solve(problem, seconds=30, clock=time.perf_counter, workers=2)` or `solve(problem, moves=...)`; `is_rigid(problem)`
says whether it may be asked.
"""

from aps.engine.rigid.rigidity import is_rigid
from aps.engine.rigid.solve import Result, solve

__all__ = ["Result", "is_rigid", "solve"]
