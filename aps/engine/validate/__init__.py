"""The judge: is this plan legal? It knows the problem and nothing of the code that made the plan."""

from aps.engine.validate.judge import violations
from aps.engine.validate.since import violations_since
from aps.engine.validate.violation import Violation

__all__ = ["Violation", "violations", "violations_since"]
