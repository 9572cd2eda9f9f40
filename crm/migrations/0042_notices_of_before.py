"""Notices that were written before rules: each was shown as it stood, about one line; and the usual rules."""

from django.db import migrations

FILL = """
    UPDATE crm_notice n SET order_id = l.order_id, reason = p.reason, state = 'queued', queued_at = n.written_at
    FROM crm_promise p JOIN erp_salesorderline l ON l.id = p.order_line_id WHERE p.id = n.promise_id;
    INSERT INTO crm_noticeline (notice_id, order_line_id, before_id, promise_id)
    SELECT n.id, p.order_line_id, b.id, p.id
    FROM crm_notice n JOIN crm_promise p ON p.id = n.promise_id
    JOIN crm_promise b ON b.order_line_id = p.order_line_id AND b.version_no = p.version_no - 1;
    INSERT INTO crm_noticecause (notice_id, order_id, fact_id, is_correction)
    SELECT n.id, n.order_id, p.fact_id,
        row_number() OVER (PARTITION BY n.order_id, p.fact_id ORDER BY n.id) > 1
    FROM crm_notice n JOIN crm_promise p ON p.id = n.promise_id WHERE p.fact_id IS NOT NULL;
    INSERT INTO crm_noticerule (company_id, rank, reason, days_from, days_to, language, tone, action, approver,
        subject, body, is_active, version)
    SELECT c.id, r.rank, r.reason, r.days_from, NULL, '', '', r.action, r.approver, '', '', true, 1
    FROM masterdata_company c CROSS JOIN (VALUES
        (10, 'rush', 0, 'hold', 'writer'), (20, '', 4, 'hold', 'lead'), (30, '', 0, 'send', 'writer')
    ) r (rank, reason, days_from, action, approver);
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0041_notices_by_rule")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
