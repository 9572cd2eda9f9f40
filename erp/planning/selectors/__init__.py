"""Questions to material planning: read only."""

from erp.planning.selectors.words import supply_words as supply_words
