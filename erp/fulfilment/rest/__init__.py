"""Fulfilment over REST, by subject."""

from typing import Any

from erp.fulfilment.rest import picking, returns, shipments

VIEWSETS: list[tuple[str, Any]] = [*shipments.VIEWSETS, *picking.VIEWSETS, *returns.VIEWSETS]
