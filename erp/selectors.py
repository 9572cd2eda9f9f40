"""Questions to the app: read only, limited to what a person may see."""
