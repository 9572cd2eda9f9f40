"""The front page of the business: which flow follows which fact, on which queue, and what that may cause in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aps import facts as aps_facts
from crm import facts as crm_facts
from erp import facts as erp_facts
from masterdata.facts import Fact, FlowEntry
from masterdata.models import FactRecord
from mes import facts as mes_facts
from suite.flows import breakdown, order_to_cash, papers, planning

Run = Callable[[Any, FactRecord], None]


@dataclass(frozen=True)
class Flow:
    """`run(fact, record)` follows `fact`. Only the facts in `causes` may follow: stated by the flow itself, or by the
    planning that it wants, which publishes later and names the fact as its cause."""

    fact: type[Fact]
    run: Run
    queue: str = "default"
    causes: tuple[type[Fact], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.run.__module__.rsplit('.', 1)[-1]}.{self.run.__name__}"


PLAN = (aps_facts.PlanPublished,)

TABLE: dict[type[Fact], tuple[Flow, ...]] = {
    # order to cash
    crm_facts.OrderScheduled: (),
    crm_facts.QuotationReopened: (),
    crm_facts.QuotationAccepted: (
        Flow(crm_facts.QuotationAccepted, order_to_cash.ask_for_deposit, causes=(erp_facts.InvoicePosted,)),
    ),
    erp_facts.OrderConfirmed: (Flow(erp_facts.OrderConfirmed, order_to_cash.want_plan_for_order, causes=PLAN),),
    erp_facts.GoodsReceived: (Flow(erp_facts.GoodsReceived, order_to_cash.want_plan_with_material, causes=PLAN),),
    erp_facts.PurchaseDateChanged: (
        Flow(erp_facts.PurchaseDateChanged, order_to_cash.want_plan_with_other_date, causes=PLAN),
    ),
    erp_facts.OperationReported: (Flow(erp_facts.OperationReported, order_to_cash.follow_progress, causes=PLAN),),
    erp_facts.ReportTakenBack: (Flow(erp_facts.ReportTakenBack, order_to_cash.want_plan_without_report, causes=PLAN),),
    erp_facts.OrderCancelled: (Flow(erp_facts.OrderCancelled, order_to_cash.want_plan_without_order, causes=PLAN),),
    erp_facts.LineMoved: (Flow(erp_facts.LineMoved, order_to_cash.want_plan_in_both_plants, causes=PLAN),),
    erp_facts.PiecesLost: (Flow(erp_facts.PiecesLost, order_to_cash.want_plan_for_lost_pieces, causes=PLAN),),
    erp_facts.ComponentReplaced: (
        Flow(erp_facts.ComponentReplaced, order_to_cash.want_plan_for_other_component, causes=PLAN),
    ),
    erp_facts.SupplyPlanned: (Flow(erp_facts.SupplyPlanned, order_to_cash.want_plan_for_supply, causes=PLAN),),
    erp_facts.StockShort: (Flow(erp_facts.StockShort, order_to_cash.want_plan_for_short_stock, causes=PLAN),),
    erp_facts.WorkOrderChanged: (),
    erp_facts.PurchaseChanged: (),
    erp_facts.ComponentsMoved: (),
    erp_facts.CreditReleased: (),
    erp_facts.OrderShipped: (),
    erp_facts.OrderDelivered: (),
    erp_facts.GoodsCameBack: (),
    erp_facts.InvoicePosted: (Flow(erp_facts.InvoicePosted, papers.issue_invoice),),
    erp_facts.ReminderSent: (Flow(erp_facts.ReminderSent, papers.issue_reminder),),
    erp_facts.PaymentReceived: (),
    # before the quote
    crm_facts.LeadConverted: (),
    crm_facts.OpportunityWon: (),
    crm_facts.OpportunityLost: (),
    # on its way to an order
    crm_facts.QuotationSent: (),
    crm_facts.PriceApprovalAsked: (),
    crm_facts.PriceApprovalDecided: (),
    # after the sale
    crm_facts.CaseOpened: (),
    crm_facts.CaseClosed: (),
    # rush order: the deed commits order, plan and promises together; its plan spreads like any other
    crm_facts.RushAnswered: (),
    crm_facts.RushApprovalAsked: (),
    crm_facts.RushApprovalDecided: (),
    crm_facts.RushTaken: (),
    crm_facts.RushUndone: (),
    # contracts: their call-offs are orders, whose own facts are followed
    crm_facts.ContractReleased: (),
    crm_facts.ContractCalledOff: (),
    crm_facts.ContractAmended: (),
    crm_facts.ContractEnding: (),
    crm_facts.ContractEnded: (),
    # what is said: written beside the story, told to timelines and listeners
    crm_facts.MessageSent: (),
    crm_facts.MessageFailed: (),
    crm_facts.MessageNoted: (),
    crm_facts.MessageReceived: (),
    # machine breakdown
    mes_facts.MachineDown: (
        Flow(mes_facts.MachineDown, breakdown.block_machine, queue="ask", causes=PLAN),  # lines wait for it
    ),
    mes_facts.StandardTimesAccepted: (),
    mes_facts.MachineUp: (Flow(mes_facts.MachineUp, breakdown.free_machine, causes=PLAN),),
    # every story ends here
    aps_facts.PlanPublished: (Flow(aps_facts.PlanPublished, planning.spread_plan, causes=(crm_facts.PromiseChanged,)),),
    crm_facts.PromiseChanged: (),
    crm_facts.CustomerTold: (),
    crm_facts.NoticeRead: (),
    crm_facts.EarlierDateOffered: (),
    crm_facts.EarlierDateAnswered: (),
}

# Facts that are told to timelines and listeners only, with the reason why no flow has to follow.
NOTHING_FOLLOWS: dict[type[Fact], str] = {
    crm_facts.OrderScheduled: "the plan was published in the same transaction and states PlanPublished",
    crm_facts.QuotationReopened: "the order was cancelled in the same transaction and states OrderCancelled",
    erp_facts.WorkOrderChanged: "stock moved in the same transaction; new work states SupplyPlanned of its own",
    erp_facts.PurchaseChanged: "planning hears of it by the rows that changed, the plan by PurchaseDateChanged",
    erp_facts.ComponentsMoved: "stock moved in the same transaction, planning hears of it by the rows",
    erp_facts.CreditReleased: "the order is confirmed or shipped by whoever waited for it",
    erp_facts.OrderShipped: "stock, cost and ledger moved in the same transaction",
    erp_facts.OrderDelivered: "a proof; the customer has the goods",
    erp_facts.GoodsCameBack: "stock, cost and ledger moved in the same transaction, planning hears of it by the rows",
    erp_facts.PaymentReceived: "the ledger was posted in the same transaction",
    crm_facts.LeadConverted: "customer and opportunity were made in the same transaction",
    crm_facts.OpportunityWon: "told to timelines; the order, if there is one, states its own facts",
    crm_facts.OpportunityLost: "told to timelines",
    crm_facts.CaseOpened: "told to timelines; its owner has it on the list of cases",
    crm_facts.CaseClosed: "told to timelines",
    mes_facts.StandardTimesAccepted: "material planning hears of the version by its row and makes proposed work anew; "
    "firm work keeps its minutes",
    crm_facts.ContractReleased: "the contract can be called off in the same moment",
    crm_facts.ContractCalledOff: "the order was written in the same transaction and states its own fact",
    crm_facts.ContractAmended: "the next call-off reads the contract as it is now",
    crm_facts.ContractEnded: "what was planned of it was dropped in the same transaction; orders stay",
    crm_facts.ContractEnding: "its owner has an activity that rings, written in the same transaction",
    crm_facts.PromiseChanged: "the customer's notice was drafted in the same transaction; the clockwork sends it",
    crm_facts.CustomerTold: "the mail was given to the outbox in the same transaction",
    crm_facts.NoticeRead: "it stands at the notice",
    crm_facts.QuotationSent: "the customer has the link; an answer states its own fact",
    crm_facts.PriceApprovalAsked: "it rings at the bell of those who may decide it",
    crm_facts.PriceApprovalDecided: "it stands at the quotation, whose writer goes on",
    crm_facts.EarlierDateOffered: "the mail was given to the outbox in the same transaction",
    crm_facts.EarlierDateAnswered: "a yes states PromiseChanged in the same transaction",
    crm_facts.MessageFailed: "it rings at its owner's bell until somebody writes again or sets it handled",
    crm_facts.MessageNoted: "it stands as written",
    crm_facts.MessageSent: "said; the outbox kept and sent it",
    crm_facts.MessageReceived: "a person answers; its owner was told in the same transaction",
    crm_facts.RushAnswered: "whoever asked sees it live, and listeners hear it",
    crm_facts.RushApprovalAsked: "it stands on the page of those who may decide it",
    crm_facts.RushApprovalDecided: "a yes took the option in the same transaction",
    crm_facts.RushTaken: "order, plan, promises and notices were committed together; their own facts are followed",
    crm_facts.RushUndone: "order, plan and promises were given back together; their own facts are followed",
}

# What a deed states beside its fact, in the same transaction, because of it.
DEEDS: dict[type[Fact], tuple[type[Fact], ...]] = {
    crm_facts.RushTaken: (crm_facts.PromiseChanged,),
    crm_facts.RushUndone: (crm_facts.PromiseChanged,),
}


def declared() -> dict[str, list[str]]:
    """Kind of fact -> kinds of the facts that may name it as their cause."""
    return {
        fact.__name__: [one.__name__ for one in (*DEEDS.get(fact, ()), *(one for flow in flows for one in flow.causes))]
        for fact, flows in TABLE.items()
    }


def entries() -> dict[str, Sequence[FlowEntry]]:
    """The table as `masterdata.facts` takes it: fact kind -> flow names and queues."""
    return {fact.__name__: [FlowEntry(flow.name, flow.queue) for flow in flows] for fact, flows in TABLE.items()}


def flow_named(kind: str, name: str) -> Flow:
    """The flow of that name for a fact of that kind; LookupError when the table has lost it."""
    for fact, flows in TABLE.items():
        if fact.__name__ == kind:
            for flow in flows:
                if flow.name == name:
                    return flow
    raise LookupError(f"no flow {name} follows {kind}: put it back into the table or set the run done")


def wake(runs: Sequence[tuple[int, str]]) -> None:
    """Send each run's id to its queue. A broker that does not answer costs a second: the relay finds the run."""
    from suite import tasks

    tasks.wake_runs(runs)
