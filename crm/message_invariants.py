"""Invariants of messages and mailboxes."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "message_is_about_one_customer",
        "What a message is about belongs to the message's customer",
        """
        SELECT m.id, m.customer_id, coalesce(q.customer_id, o.customer_id, c.customer_id, n.customer_id) AS whose
        FROM crm_message m
        LEFT JOIN crm_quotation q ON q.id = m.quotation_id
        LEFT JOIN erp_salesorder o ON o.id = m.order_id
        LEFT JOIN crm_case c ON c.id = m.case_id
        LEFT JOIN crm_notice n ON n.id = m.notice_id
        WHERE m.customer_id IS DISTINCT FROM coalesce(q.customer_id, m.customer_id)
            OR m.customer_id IS DISTINCT FROM coalesce(o.customer_id, m.customer_id)
            OR m.customer_id IS DISTINCT FROM coalesce(c.customer_id, m.customer_id)
            OR m.customer_id IS DISTINCT FROM coalesce(n.customer_id, m.customer_id)
        """,
    ),
    Invariant(
        "answers_stay_in_their_conversation",
        "A message that answers another is in its conversation, one that answers none begins its own",
        """
        SELECT m.id, m.thread_id, coalesce(a.thread_id, a.id) AS conversation
        FROM crm_message m LEFT JOIN crm_message a ON a.id = m.answers_id
        WHERE m.thread_id IS DISTINCT FROM coalesce(a.thread_id, a.id)
        """,
    ),
    Invariant(
        "mail_that_left_states_its_fact",
        "A mail from us that left states MessageSent, each time that it left; one that did not states none",
        """
        SELECT m.id, m.state, m.sent_at, count(f.id) AS facts
        FROM crm_message m
        LEFT JOIN masterdata_factrecord f ON f.kind = 'MessageSent' AND (f.payload ->> 'message_id')::bigint = m.id
        WHERE m.kind = 'mail' AND m.direction = 'out'
        GROUP BY m.id, m.state, m.sent_at HAVING (m.sent_at IS NOT NULL) <> (count(f.id) > 0)
        """,
    ),
    Invariant(
        "taken_mail_is_its_message",
        "A mail taken from a mailbox became one message that came in, and no two mails the same one",
        """
        SELECT i.id, i.message_id, m.direction
        FROM crm_incomingmail i JOIN crm_message m ON m.id = i.message_id
        WHERE i.outcome = 'taken' AND (m.direction <> 'in' OR m.made_at > i.taken_at
            OR EXISTS (SELECT FROM crm_incomingmail j
                WHERE j.message_id = i.message_id AND j.outcome = 'taken' AND j.id <> i.id))
        """,
    ),
    Invariant(
        "mailbox_is_read_without_gaps",
        "No mail was taken beyond the number up to which its mailbox is read",
        """
        SELECT b.id, b.name, b.last_uid, max(i.uid) AS taken
        FROM crm_mailbox b JOIN crm_incomingmail i ON i.mailbox_id = b.id AND i.uid_validity = b.uid_validity
        GROUP BY b.id, b.name, b.last_uid HAVING max(i.uid) > b.last_uid
        """,
    ),
]
