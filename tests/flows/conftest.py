"""Fixtures of the stories."""

from tests.flows.havoc import havoc as havoc
from tests.flows.havoc import slow_solver as slow_solver
