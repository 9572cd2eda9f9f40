"""Mail: the outbox and the mailboxes against real server processes, and what mails are made of."""
