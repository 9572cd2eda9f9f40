"""Which events of the log count: neither corrected nor waiting in quarantine. As SQL over the alias `e`."""

COUNTS = """
    e.kind <> 'correction'
    AND NOT EXISTS (SELECT 1 FROM mes_quarantine q WHERE q.event_id = e.id AND q.state <> 'accepted')
    AND NOT EXISTS (SELECT 1 FROM mes_executionevent c LEFT JOIN mes_quarantine q ON q.event_id = c.id
                    WHERE c.corrects_id = e.id AND coalesce(q.state, 'accepted') = 'accepted')
"""
