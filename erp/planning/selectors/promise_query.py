"""The one statement behind available to promise: `erp.planning.selectors.promised` says what it means."""

from __future__ import annotations

from erp.production.selectors.yields import COMING_BESIDE, YIELD

_WANTED = "(w.plant_id, y.material_id) IN (SELECT plant_id, material_id FROM wanted)"
# Free stock of a material in a plant: of no order, in no blocked place or lot, and not expired.
_FREE = """(SELECT coalesce(sum(f.on_hand - f.reserved), 0) FROM erp_stockbalance f
    JOIN masterdata_location fl ON fl.id = f.location_id AND fl.kind = 'stock' AND NOT fl.is_blocked
    LEFT JOIN erp_lot lot ON lot.id = f.lot_id
    WHERE f.plant_id = {plant} AND f.material_id = {material} AND f.sales_order_id IS NULL
        AND lot.is_blocked IS NOT TRUE AND (lot.expires_on >= %(now)s::date) IS NOT FALSE)"""
# What a BOM line lets stand in for so much of its component `{quantity}` in a plant today, when enough of it is free
# above its safety stock.
_INSTEAD = f"""
    SELECT s.material_id, s.by_itself, s.priority, s.id, q.quantity
    FROM masterdata_bomsubstitute s JOIN masterdata_bomline sl ON sl.id = s.line_id
    JOIN masterdata_material main ON main.id = sl.component_id JOIN masterdata_unit mu ON mu.id = main.unit_id
    JOIN masterdata_material other ON other.id = s.material_id JOIN masterdata_unit ou ON ou.id = other.unit_id
    JOIN masterdata_plant sp ON sp.id = {{plant}}
    LEFT JOIN masterdata_materialplant ox ON ox.material_id = s.material_id AND ox.plant_id = sp.id
    CROSS JOIN LATERAL (SELECT
        ceil(ceil({{quantity}} / mu.rounding) * mu.rounding * s.ratio / ou.rounding) * ou.rounding AS quantity) q
    WHERE s.line_id = {{line}} AND (s.plant_id IS NULL OR s.plant_id = sp.id)
        AND (s.valid_from <= (%(now)s AT TIME ZONE sp.time_zone)::date) IS NOT FALSE
        AND (s.valid_until >= (%(now)s AT TIME ZONE sp.time_zone)::date) IS NOT FALSE
        AND {_FREE.format(plant="sp.id", material="s.material_id")} - coalesce(ox.safety_stock, 0) >= q.quantity
"""  # noqa: S608 (constants)
PROMISE = f"""
    WITH RECURSIVE line AS MATERIALIZED (
        SELECT l.id, l.line_no, l.plant_id, l.material_id, l.quantity, l.shipped_qty,
            coalesce(l.promised_at, (l.wanted_on + 1)::timestamp AT TIME ZONE place.time_zone)
                - make_interval(mins => place.transport_min) AS leaves_at
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id AND o.cancelled_at IS NULL
        JOIN masterdata_plant place ON place.id = l.plant_id
        WHERE l.order_id = %(order)s
    ), own AS MATERIALIZED (
        SELECT line.id AS line_id, w.id, w.number, w.good_qty, y.quantity - w.good_qty AS coming, w.planned_end_at
        FROM line JOIN erp_workorder w ON w.sales_order_line_id = line.id AND w.path NOT LIKE '%%.%%'
            AND w.state <> 'cancelled'
        JOIN LATERAL ({YIELD}) y ON true
    ), covered AS MATERIALIZED (
        SELECT id AS line_id, 'shipped' AS source, shipped_qty AS quantity, NULL::timestamptz AS at, '' AS number,
            NULL::bigint AS document_id
        FROM line WHERE shipped_qty > 0
        UNION ALL
        SELECT line.id, 'stock', sum(r.quantity), %(now)s, '', NULL
        FROM line JOIN erp_reservation r ON r.sales_order_line_id = line.id AND r.quantity > 0 GROUP BY 1
        UNION ALL
        SELECT line_id, 'made', sum(good_qty) - coalesce((SELECT sum(m.quantity) FROM erp_stockmove m
                WHERE m.sales_order_line_id = line_id AND m.kind IN ('shipment', 'release')
                    AND m.source_order_id IS NOT NULL), 0),
            %(now)s, '', NULL
        FROM own GROUP BY line_id
        UNION ALL
        SELECT line_id, 'work_order', coming, planned_end_at, number, id FROM own WHERE coming > 0
        UNION ALL
        SELECT line.id, 'work_order', p.quantity - p.received_qty,
            coalesce(w.planned_end_at, (w.needed_on + 1)::timestamp AT TIME ZONE place.time_zone,
                coalesce(its.promised_at, (its.wanted_on + 1)::timestamp AT TIME ZONE place.time_zone)
                    - make_interval(mins => place.transport_min)), w.number, w.id
        FROM line JOIN erp_peg p ON p.sales_order_line_id = line.id AND p.quantity > p.received_qty
        JOIN erp_workorder w ON w.id = p.work_order_id AND (w.sales_order_line_id IS NULL OR p.is_planned)
        JOIN masterdata_plant place ON place.id = w.plant_id
        LEFT JOIN erp_salesorderline its ON its.id = w.sales_order_line_id
        UNION ALL
        SELECT line.id, 'purchase', p.quantity - p.received_qty, greatest(coalesce(b.confirmed_at, b.due_at), %(now)s),
            o.number, o.id
        FROM line JOIN erp_peg p ON p.sales_order_line_id = line.id AND p.quantity > p.received_qty
        JOIN erp_purchaseorderline b ON b.id = p.purchase_order_line_id JOIN erp_purchaseorder o ON o.id = b.order_id
        UNION ALL
        SELECT line.id, CASE WHEN t.id IS NULL THEN 'planned' ELSE 'transfer' END, p.quantity - p.received_qty,
            greatest(n.due_at, %(now)s), coalesce(t.number, ''), coalesce(t.id, n.id)
        FROM line JOIN erp_peg p ON p.sales_order_line_id = line.id AND p.quantity > p.received_qty
        JOIN erp_plannedorder n ON n.id = p.planned_order_id
        LEFT JOIN erp_transferline tl ON tl.id = n.transfer_line_id LEFT JOIN erp_transfer t ON t.id = tl.transfer_id
    ), missing AS MATERIALIZED (
        SELECT line.*, line.quantity - coalesce(c.quantity, 0) AS open,
            sum(line.quantity - coalesce(c.quantity, 0)) OVER w - (line.quantity - coalesce(c.quantity, 0)) AS low,
            sum(line.quantity - coalesce(c.quantity, 0)) OVER w AS high
        FROM line LEFT JOIN (SELECT line_id, sum(quantity) AS quantity FROM covered GROUP BY 1) c ON c.line_id = line.id
        WHERE line.quantity > coalesce(c.quantity, 0)
        WINDOW w AS (PARTITION BY line.plant_id, line.material_id ORDER BY line.line_no)
    ), wanted AS MATERIALIZED (
        SELECT m.plant_id, m.material_id, coalesce(x.safety_stock, 0) AS safety, max(m.leaves_at) AS leaves_at
        FROM missing m
        LEFT JOIN masterdata_materialplant x ON x.material_id = m.material_id AND x.plant_id = m.plant_id
        GROUP BY 1, 2, 3
    ), free AS (
        SELECT k.plant_id, k.material_id, 'free_stock' AS source, greatest(0, sum(b.on_hand - b.reserved) - k.safety)
            AS quantity, %(now)s::timestamptz AS at, '' AS number, NULL::bigint AS document_id
        FROM wanted k JOIN erp_stockbalance b ON b.plant_id = k.plant_id AND b.material_id = k.material_id
            AND b.sales_order_id IS NULL
        JOIN masterdata_location l ON l.id = b.location_id AND l.kind = 'stock' AND NOT l.is_blocked
        LEFT JOIN erp_lot lot ON lot.id = b.lot_id
        WHERE lot.is_blocked IS NOT TRUE AND (lot.expires_on >= %(now)s::date) IS NOT FALSE
        GROUP BY k.plant_id, k.material_id, k.safety
        UNION ALL
        SELECT k.plant_id, k.material_id, 'purchase', b.quantity - b.received_qty - b.pegged_qty,
            greatest(coalesce(b.confirmed_at, b.due_at), %(now)s), o.number, o.id
        FROM wanted k JOIN erp_purchaseorderline b ON b.material_id = k.material_id AND b.received_qty < b.quantity
        JOIN erp_purchaseorder o ON o.id = b.order_id AND o.plant_id = k.plant_id AND o.cancelled_at IS NULL
        UNION ALL
        SELECT k.plant_id, k.material_id, 'work_order',
            y.quantity - w.good_qty - coalesce((SELECT sum(p.quantity - p.received_qty) FROM erp_peg p
                LEFT JOIN erp_workordermaterial pm ON pm.id = p.work_order_material_id
                LEFT JOIN erp_salesorderline pl ON pl.id = p.sales_order_line_id
                WHERE p.work_order_id = w.id AND NOT EXISTS (SELECT 1 FROM masterdata_bombyproduct y
                    WHERE y.bom_id = w.bom_id AND y.material_id = coalesce(pm.material_id, pl.material_id))), 0),
            coalesce(w.planned_end_at, (w.needed_on + 1)::timestamp AT TIME ZONE place.time_zone, %(now)s),
            w.number, w.id
        FROM wanted k JOIN erp_workorder w ON w.plant_id = k.plant_id AND w.material_id = k.material_id
            AND w.sales_order_line_id IS NULL AND w.state IN ('firm', 'released')
        JOIN masterdata_plant place ON place.id = w.plant_id JOIN LATERAL ({YIELD}) y ON true
        UNION ALL
        -- What another plant has sent and is for nobody yet.
        SELECT k.plant_id, k.material_id, 'transfer', n.quantity - coalesce((SELECT sum(p.quantity - p.received_qty)
                FROM erp_peg p WHERE p.planned_order_id = n.id), 0),
            greatest(n.due_at, %(now)s), t.number, t.id
        FROM wanted k JOIN erp_plannedorder n ON n.plant_id = k.plant_id AND n.material_id = k.material_id
            AND n.closed_at IS NULL
        JOIN erp_transferline tl ON tl.id = n.transfer_line_id JOIN erp_transfer t ON t.id = tl.transfer_id
        WHERE n.due_at <= k.leaves_at OR n.due_at <= %(now)s + make_interval(days => (
            SELECT min(s.lead_time_days) FROM erp_supplierprice s WHERE s.material_id = k.material_id)) IS NOT FALSE
        UNION ALL
        -- By-products of any firm work, as far as they come before the last of the lines has to leave.
        SELECT k.plant_id, k.material_id, 'work_order', b.quantity, greatest(b.at, %(now)s), b.number, b.work_order_id
        FROM wanted k JOIN ({COMING_BESIDE.format(only=_WANTED)}) b
            ON b.plant_id = k.plant_id AND b.material_id = k.material_id AND b.at < k.leaves_at
    ), ranged AS (
        SELECT free.*, sum(quantity) OVER w - quantity AS low, sum(quantity) OVER w AS high FROM free WHERE quantity > 0
        WINDOW w AS (PARTITION BY plant_id, material_id ORDER BY at, source, document_id
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ), taken AS (
        SELECT m.id AS line_id, r.source, least(m.high, r.high) - greatest(m.low, r.low) AS quantity, r.at, r.number,
            r.document_id
        FROM missing m JOIN ranged r ON r.plant_id = m.plant_id AND r.material_id = m.material_id
            AND r.low < m.high AND r.high > m.low
    ), short AS MATERIALIZED (
        SELECT m.id AS line_id, m.plant_id, m.material_id, m.open - coalesce(t.quantity, 0) AS quantity
        FROM missing m LEFT JOIN (SELECT line_id, sum(quantity) AS quantity FROM taken GROUP BY 1) t ON t.line_id = m.id
        WHERE m.open > coalesce(t.quantity, 0)
    ), chain AS (
        SELECT s.line_id, s.plant_id, s.material_id, s.quantity, 0 AS make_days, 0 AS buy_days, true AS is_known,
            NULL::bigint AS bom_line_id
        FROM short s
        UNION ALL
        SELECT c.line_id, c.plant_id, lead.material_id, lead.quantity, c.make_days + lead.make_days,
            c.buy_days + lead.buy_days, c.is_known AND lead.is_known, lead.bom_line_id
        FROM chain c CROSS JOIN LATERAL (
            -- Bought: the usual supplier's days, and no further. Made: its own days, then each component that is short.
            SELECT NULL::bigint AS material_id, NULL::numeric AS quantity, 0 AS make_days,
                coalesce((SELECT s.lead_time_days FROM erp_supplierprice s
                    JOIN masterdata_partner p ON p.id = s.supplier_id AND p.is_active AND p.is_supplier
                    WHERE s.material_id = t.id AND (s.valid_from <= %(now)s::date) IS NOT FALSE
                        AND (s.valid_until >= %(now)s::date) IS NOT FALSE
                    ORDER BY p.is_preferred DESC, s.price, s.lead_time_days LIMIT 1), x.lead_time_days, 0) AS buy_days,
                true AS is_known, NULL::bigint AS bom_line_id
            FROM masterdata_material t
            LEFT JOIN masterdata_materialplant x ON x.material_id = t.id AND x.plant_id = c.plant_id
            WHERE t.id = c.material_id AND t.supply <> 'make'
            UNION ALL
            SELECT part.component_id, part.quantity, coalesce(x.lead_time_days, 0), 0,
                coalesce(x.lead_time_days, 0) > 0 OR x.policy = 'to_stock', part.id
            FROM masterdata_material t
            LEFT JOIN masterdata_materialplant x ON x.material_id = t.id AND x.plant_id = c.plant_id
            LEFT JOIN LATERAL (
                SELECT b.id, b.component_id, g.quantity
                FROM masterdata_bom bom JOIN masterdata_bomline b ON b.bom_id = bom.id
                CROSS JOIN LATERAL (SELECT
                    b.quantity * c.quantity / bom.base_qty / (1 - b.scrap_percent / 100) AS quantity) g
                WHERE bom.material_id = t.id AND bom.state = 'frozen'
                    AND g.quantity > {_FREE.format(plant="c.plant_id", material="b.component_id")}
                    AND NOT EXISTS ({_INSTEAD.format(plant="c.plant_id", line="b.id", quantity="g.quantity")}
                        AND s.by_itself AND main.supply <> 'make')
            ) part ON true
            WHERE t.id = c.material_id AND t.supply = 'make'
        ) lead
        WHERE c.material_id IS NOT NULL
    ), working AS MATERIALIZED (
        SELECT place.id AS plant_id, place.time_zone, d.day::date AS day
        FROM masterdata_plant place
        CROSS JOIN LATERAL generate_series((%(now)s AT TIME ZONE place.time_zone)::date::timestamp,
            (%(now)s AT TIME ZONE place.time_zone)::date + interval '3 years', interval '1 day') AS d(day)
        WHERE place.id IN (SELECT plant_id FROM short)
            AND (EXISTS (SELECT 1 FROM masterdata_calendarexception e
                    WHERE e.calendar_id = place.calendar_id AND e."on" = d.day::date AND e.is_working)
                OR ((EXISTS (SELECT 1 FROM masterdata_shift s WHERE s.calendar_id = place.calendar_id
                        AND s.weekday = extract(isodow FROM d.day) - 1)
                     OR NOT EXISTS (SELECT 1 FROM masterdata_shift s WHERE s.calendar_id = place.calendar_id))
                    AND NOT EXISTS (SELECT 1 FROM masterdata_calendarexception e WHERE e.calendar_id = place.calendar_id
                        AND e."on" = d.day::date AND NOT e.is_working AND e.starts IS NULL)))
    ), rest AS (
        SELECT s.line_id, 'lead_time' AS source, s.quantity,
            (SELECT CASE WHEN bool_and(c.is_known) THEN max(CASE WHEN c.make_days = 0 THEN
                    %(now)s::timestamptz + make_interval(days => c.buy_days)
                ELSE (SELECT (w.day + 1)::timestamp AT TIME ZONE w.time_zone FROM working w
                    WHERE w.plant_id = c.plant_id
                        AND w.day >= ((%(now)s AT TIME ZONE w.time_zone)::date + c.buy_days)
                    ORDER BY w.day OFFSET c.make_days LIMIT 1) END) END
             FROM chain c WHERE c.line_id = s.line_id AND c.material_id IS NULL) AS at,
            '' AS number, NULL::bigint AS document_id
        FROM short s
    ), lacking AS (
        -- Components that a draft would have to buy; and those of the line's own work of which nothing is there yet.
        SELECT c.line_id, c.plant_id, c.bom_line_id, c.material_id, c.quantity, NULL::bigint AS need_id
        FROM chain c WHERE c.bom_line_id IS NOT NULL AND c.material_id IS NOT NULL
        UNION ALL
        SELECT line.id, line.plant_id, bl.id, m.material_id, m.quantity, m.id
        FROM line JOIN erp_workorder w ON w.sales_order_line_id = line.id AND w.state = 'firm'
        JOIN erp_workordermaterial m ON m.work_order_id = w.id AND m.choice = '' AND m.issued_qty = 0
        JOIN masterdata_bomline bl ON bl.bom_id = w.bom_id AND bl.line_no = m.line_no
        WHERE m.quantity > coalesce((SELECT sum(r.quantity) FROM erp_reservation r
                WHERE r.work_order_material_id = m.id), 0)
            AND NOT EXISTS (SELECT 1 FROM erp_peg p WHERE p.work_order_material_id = m.id AND NOT p.is_planned
                AND (p.work_order_id IS NOT NULL OR p.received_qty > 0))
    ), choice AS (
        SELECT DISTINCT ON (k.line_id, k.bom_line_id, k.need_id)
            k.line_id, main.code AS component, other.code, i.quantity, unit.code AS unit, k.need_id
        FROM lacking k
        JOIN LATERAL ({_INSTEAD.format(plant="k.plant_id", line="k.bom_line_id", quantity="k.quantity")}) i ON true
        JOIN masterdata_material main ON main.id = k.material_id
        JOIN masterdata_material other ON other.id = i.material_id JOIN masterdata_unit unit ON unit.id = other.unit_id
        ORDER BY k.line_id, k.bom_line_id, k.need_id, i.priority, i.id
    ), said AS MATERIALIZED (
        SELECT * FROM covered UNION ALL SELECT * FROM taken UNION ALL SELECT * FROM rest
    ), behind AS (
        -- What is only proposed is late by what its components are late for it, on all levels: by the worst of all sums
        -- down to one of them.
        SELECT s.source, s.document_id, s.source AS kind, s.document_id AS id, 0 AS days, 0 AS depth
        FROM said s WHERE s.source IN ('work_order', 'planned') GROUP BY 1, 2
        UNION ALL
        SELECT b.source, b.document_id, child.kind, child.id, b.days + child.days, b.depth + 1
        FROM behind b CROSS JOIN LATERAL (
            SELECT CASE WHEN p.work_order_id IS NOT NULL THEN 'work_order' WHEN p.planned_order_id IS NOT NULL
                    THEN 'planned' ELSE 'purchase' END AS kind,
                coalesce(p.work_order_id, p.planned_order_id, p.purchase_order_line_id) AS id,
                coalesce(w.planned_end_at, w.needed_on::timestamptz, n.due_at, l.confirmed_at, l.due_at)::date
                    - need.on AS days
            FROM (
                SELECT mine.start_by_on AS on, m.id AS need_id, NULL::bigint AS moved_id
                FROM erp_workorder mine JOIN erp_workordermaterial m ON m.work_order_id = mine.id
                WHERE b.kind = 'work_order' AND mine.id = b.id AND mine.state = 'proposed'
                UNION ALL
                SELECT mine.order_by_on, NULL, mine.id FROM erp_plannedorder mine
                WHERE b.kind = 'planned' AND mine.id = b.id AND mine.transfer_line_id IS NULL
            ) need
            JOIN erp_peg p ON (p.work_order_material_id = need.need_id OR p.transfer_id = need.moved_id)
                AND p.quantity > p.received_qty
            LEFT JOIN erp_workorder w ON w.id = p.work_order_id
            LEFT JOIN erp_plannedorder n ON n.id = p.planned_order_id
            LEFT JOIN erp_purchaseorderline l ON l.id = p.purchase_order_line_id
        ) child
        WHERE b.depth < 30 AND child.days IS NOT NULL
    ), late AS (
        SELECT source, document_id, max(days) AS days FROM behind GROUP BY 1, 2
    )
    SELECT line.id, line.line_no, line.material_id, mat.code, unit.code, line.quantity,
        (SELECT array_agg(ARRAY[h.component, h.code, h.quantity::text, h.unit, coalesce(h.need_id::text, '')]
            ORDER BY h.component, h.need_id) FROM choice h WHERE h.line_id = line.id), s.source, s.quantity,
        s.at + make_interval(days => coalesce(late.days, 0)), s.number, s.document_id
    FROM said s LEFT JOIN late USING (source, document_id)
    JOIN line ON line.id = s.line_id
    JOIN masterdata_material mat ON mat.id = line.material_id JOIN masterdata_unit unit ON unit.id = mat.unit_id
    WHERE s.quantity > 0
    ORDER BY line.line_no, s.source <> 'shipped', s.at NULLS LAST, s.source, s.document_id
"""  # noqa: S608 (constants)
