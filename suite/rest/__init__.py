"""The REST interface as a whole: addresses of all apps, description, documentation."""
