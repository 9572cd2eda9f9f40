"""Fixtures of the stories."""

from tests.flows.havoc import havoc as havoc
