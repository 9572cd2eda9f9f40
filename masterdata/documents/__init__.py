"""Documents for people as PDF: letters, labels and travellers, set by typst in the reader's language."""
