"""Questions about fulfilment: read only, limited to what a person may see."""

from erp.fulfilment.selectors.shipments import listed_shipments as listed_shipments
