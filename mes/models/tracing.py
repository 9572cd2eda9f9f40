"""Genealogy: which lot went into which work, which lot came out of it, what came from whom and went to whom.

The edges follow from stock moves and are written by the database in the statement that writes the moves, whoever moves
the goods: a report, the dock, a shipment, a return. See docs/adr/0021-genealogy-from-moves.md.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from erp.models import Lot, StockMove, WorkOrder, WorkOrderOperation
from masterdata.models.fields import QuantityField
from mes.models.events import ExecutionEvent

# What a report uses while it makes lots went into just these lots, shared by their quantities; what an earlier
# operation used, or what was issued by scan, went into the work order, and with it into all that it makes.
EDGES = """
    WITH traced AS (
        SELECT m.id, m.kind, m.lot_id, m.target_lot_id, m.work_order_id, m.purchase_order_line_id, m.quantity,
            m.moved_at, CASE WHEN e.source LIKE 'operation:%%' THEN split_part(e.source, ':', 2)::bigint END AS step_id
        FROM {moves} m LEFT JOIN erp_journalentry e ON e.id = m.entry_id
        WHERE m.lot_id IS NOT NULL
    ), made AS (
        SELECT t.kind, t.work_order_id, t.purchase_order_line_id, t.step_id, t.moved_at, t.lot_id, t.quantity,
            sum(t.quantity) OVER (PARTITION BY t.kind, t.work_order_id, t.purchase_order_line_id, t.step_id, t.moved_at
                                  ORDER BY t.id) AS upto,
            sum(t.quantity) OVER (PARTITION BY t.kind, t.work_order_id, t.purchase_order_line_id, t.step_id, t.moved_at)
                AS total
        FROM traced t WHERE (t.kind = 'output' OR t.kind = 'receipt') AND NOT EXISTS (
            SELECT 1 FROM traced i WHERE i.kind = 'issue' AND i.work_order_id = t.work_order_id AND i.lot_id = t.lot_id)
    ), parted AS (
        SELECT t.id, t.lot_id, g.lot_id AS into_id, t.step_id, t.moved_at,
            round(t.quantity * g.upto / g.total, 6) - round(t.quantity * (g.upto - g.quantity) / g.total, 6) AS quantity
        FROM traced t JOIN made g ON g.moved_at = t.moved_at AND (
            (t.kind = 'issue' AND g.kind = 'output' AND g.work_order_id = t.work_order_id AND g.step_id = t.step_id)
            OR (t.kind = 'used' AND g.kind = 'receipt' AND g.purchase_order_line_id = t.purchase_order_line_id))
    ), found AS (
        SELECT 'consumed' AS kind, p.id, p.lot_id AS parent_lot, NULL::bigint AS parent_work, p.into_id AS child_lot,
            NULL::bigint AS child_work, p.quantity, p.step_id, p.moved_at
        FROM parted p
        UNION ALL
        SELECT 'consumed', t.id, t.lot_id, NULL, NULL, t.work_order_id,
            CASE t.kind WHEN 'issue' THEN t.quantity ELSE -t.quantity END, t.step_id, t.moved_at
        FROM traced t WHERE t.kind IN ('issue', 'put_back') AND t.work_order_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM parted p WHERE p.id = t.id)
        UNION ALL
        SELECT 'made', t.id, NULL, t.work_order_id, t.lot_id, NULL, t.quantity, t.step_id, t.moved_at
        FROM traced t WHERE t.kind IN ('output', 'byproduct') AND t.work_order_id IS NOT NULL
        UNION ALL
        SELECT 'cut', t.id, t.lot_id, NULL, t.target_lot_id, NULL, t.quantity, NULL, t.moved_at
        FROM traced t WHERE t.kind = 'cut' AND t.target_lot_id IS NOT NULL
        UNION ALL
        SELECT CASE t.kind WHEN 'receipt' THEN 'received' ELSE 'came_back' END, t.id, NULL, NULL, t.lot_id, NULL,
            t.quantity, NULL, t.moved_at
        FROM traced t WHERE t.kind IN ('receipt', 'came_back')
        UNION ALL
        SELECT CASE t.kind WHEN 'shipment' THEN 'shipped' WHEN 'return' THEN 'sent_back' ELSE 'used' END, t.id,
            t.lot_id, NULL, NULL, NULL, t.quantity, NULL, t.moved_at
        FROM traced t WHERE t.kind IN ('shipment', 'return', 'used')
            AND NOT EXISTS (SELECT 1 FROM parted p WHERE p.id = t.id)
    )
    INSERT INTO mes_genealogyedge (kind, move_id, parent_lot_id, parent_work_order_id, child_lot_id,
        child_work_order_id, quantity, operation_id, event_id, at)
    SELECT f.kind, f.id, f.parent_lot, f.parent_work, f.child_lot, f.child_work, f.quantity, f.step_id,
        nullif(current_setting('mes.event', true), '')::uuid, f.moved_at
    FROM found f ORDER BY f.id
"""
UNDONE = """
    UPDATE mes_genealogyedge e SET undone_by_id = m.id FROM {moves} m
    WHERE m.reverses_id IS NOT NULL AND e.move_id = m.reverses_id
"""


class GenealogyEdge(models.Model):
    """`quantity` (base units of the lot that moved) went from parent to child by a stock move.

    A node is a lot or serial number, or a work order; ends without a node are the supplier that a lot came from, or the
    customer that it went to: the move's purchase or sales line says which. Given back to stock, a quantity is negative.
    `parent_node` and `child_node` are a lot's id, or a work order's with a minus.
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", "Received from a supplier"
        CONSUMED = "consumed", "Consumed"
        MADE = "made", "Made"
        CUT = "cut", "Cut to a remnant"
        SHIPPED = "shipped", "Shipped to a customer"
        CAME_BACK = "came_back", "Came back from a customer"
        SENT_BACK = "sent_back", "Sent back to the supplier"
        USED = "used", "Used by a subcontractor"

    kind = models.CharField(max_length=9, choices=Kind)
    move = models.ForeignKey(StockMove, models.PROTECT, related_name="edges")
    parent_lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    parent_work_order = models.ForeignKey(
        WorkOrder, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    child_lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    child_work_order = models.ForeignKey(
        WorkOrder, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    parent_node = models.GeneratedField(
        expression=Coalesce(F("parent_lot_id"), -F("parent_work_order_id")),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    child_node = models.GeneratedField(
        expression=Coalesce(F("child_lot_id"), -F("child_work_order_id")),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    quantity = QuantityField()
    operation = models.ForeignKey(
        WorkOrderOperation, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    event = models.ForeignKey(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="edges")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(
        StockMove, models.PROTECT, null=True, blank=True, related_name="+", help_text="The move was reversed by this"
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(name="edge_forward", fields=["parent_node"], include=["child_node", "quantity", "undone_by"]),
            models.Index(name="edge_backward", fields=["child_node"], include=["parent_node", "quantity", "undone_by"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="edge_has_the_ends_of_its_kind",
                condition=(
                    Q(kind__in=["received", "came_back"], parent_lot=None, parent_work_order=None)
                    & Q(child_lot__isnull=False, child_work_order=None)
                )
                | (
                    Q(kind__in=["shipped", "sent_back", "used"], child_lot=None, child_work_order=None)
                    & Q(parent_lot__isnull=False, parent_work_order=None)
                )
                | (
                    Q(kind="made", parent_lot=None, parent_work_order__isnull=False)
                    & Q(child_lot__isnull=False, child_work_order=None)
                )
                | (
                    Q(kind="consumed", parent_lot__isnull=False, parent_work_order=None)
                    & (Q(child_lot=None) ^ Q(child_work_order=None))
                )
                | (
                    Q(kind="cut", parent_lot__isnull=False, parent_work_order=None)
                    & Q(child_lot__isnull=False, child_work_order=None)
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="edges_are_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="edges_stay_what_they_are",
                fields=["kind", "move", "parent_lot", "parent_work_order", "child_lot", "child_work_order", "quantity"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class TracedMove(StockMove):
    """Stock moves as the genealogy sees them: each statement that writes some writes their edges too."""

    class Meta:
        proxy = True
        triggers = [
            pgtrigger.Trigger(
                name="moves_are_traced",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_moves"),
                func="".join(
                    [
                        "IF EXISTS (SELECT 1 FROM new_moves WHERE lot_id IS NOT NULL) THEN",
                        UNDONE.format(moves="new_moves"),
                        ";",
                        EDGES.format(moves="new_moves").replace("%%", "%"),
                        ";END IF; RETURN NULL;",
                    ]
                ),
            ),
        ]
