"""What of an entry is hashed, written so that anybody can compute it again from the rows.

The text of an entry, in UTF-8: a line for the entry and one for each of its lines in the order of their ids, parted by
a line feed; in a line the values in the order below, parted by `|`. Nothing is empty; amounts have four decimals;
`posted_on` is YYYY-MM-DD; `posted_at` is UTC to the microsecond; source and memo are JSON strings.

    throughline-1|company|position|year|number|entry|period|kind|posted_on|posted_at|reverses|source|memo
    line|account|amount|plant|partner|sales_order|work_order|material|currency|currency_amount|tax_code|tax_base

Names stand for ids. The seal of an entry is SHA-256(the seal before it in its company + SHA-256(text)), both as 32
bytes; the first follows 32 zero bytes.
"""

from __future__ import annotations

FIRST = bytes(32)

# Of entries `e` beside their place `s` (company_id, position, year, number).
TEXT = """
    concat('throughline-1|', s.company_id, '|', s.position, '|', s.year, '|', s.number, '|', e.id, '|', e.period_id,
        '|', e.kind, '|', to_char(e.posted_on, 'YYYY-MM-DD'),
        '|', to_char(e.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '|', e.reverses_id,
        '|', to_json(e.source::text), '|', to_json(e.memo::text), (
        SELECT string_agg(concat(chr(10), l.id, '|', l.account_id, '|', l.amount, '|', l.plant_id, '|', l.partner_id,
            '|', l.sales_order_id, '|', l.work_order_id, '|', l.material_id, '|', l.currency_id,
            '|', l.currency_amount, '|', l.tax_code_id, '|', l.tax_base), '' ORDER BY l.id)
        FROM erp_journalline l WHERE l.entry_id = e.id))
"""
DIGEST = f"sha256(convert_to({TEXT}, 'UTF8'))"
