"""Pages of questions and deeds across apps: live offers, rush orders, the reason behind a date."""
