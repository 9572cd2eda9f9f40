"""Questions to the genealogy: where a lot came from, what became of it, whom it reached."""

from mes.selectors.tracing.graph import Graph, trace
from mes.selectors.tracing.nodes import Link, Node
from mes.selectors.tracing.pools import Perhaps, perhaps_reached
from mes.selectors.tracing.reach import BACKWARD, FORWARD, reached
from mes.selectors.tracing.recall import Reached, Recall, recall_of
from mes.selectors.tracing.starting import SEE, lots_called, lots_seen, starting_nodes

__all__ = [
    "BACKWARD",
    "FORWARD",
    "SEE",
    "Graph",
    "Link",
    "Node",
    "Perhaps",
    "Reached",
    "Recall",
    "lots_called",
    "lots_seen",
    "perhaps_reached",
    "reached",
    "recall_of",
    "starting_nodes",
    "trace",
]
