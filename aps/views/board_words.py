"""What the board says while one works on it; its scripts hold no words of their own."""

from __future__ import annotations

from django.utils.translation import gettext as _


def hands() -> dict[str, str]:
    """Words of drag, draft, selection, filter and connection; %(name)s is filled in by the scripts."""
    return _drag() | _draft() | _around() | _hours()


def _drag() -> dict[str, str]:
    return {
        "dropOnMachine": _("Drop it on a machine"),
        "cannotDo": _("%(machine)s cannot do this operation"),
        "asking": _("Working out what it brings"),
        "slips": _("%(number)s slips from %(was)s to %(now)s late"),
        "becomesLate": _("%(number)s becomes %(now)s late"),
        "andMore": _("and %(count)s more"),
        "gains": _("%(number)s gains %(time)s"),
        "inTimeAgain": _("%(number)s is in time again"),
        "nobodyLate": _("Nobody becomes late"),
        "cost": _("Cost"),
        "machineTime": _("Cost of machine time"),
        "ofItLateness": _("of it lateness"),
        "movesOne": _("1 operation moves"),
        "movesMany": _("%(count)s operations move"),
        "exactly": _("pinned exactly there"),
        "beginsInstead": _("%(machine)s: begins %(when)s, it cannot at %(at)s"),
        "noAnswer": _("No answer from planning. Put down, it is judged as soon as there is one."),
        "escCancels": _("Esc cancels"),
        "fingerCancels": _("A second finger cancels"),
        "keysDrop": _("Enter drops, Esc cancels"),
        "leftThere": _("It stays where it was."),
        "isRunning": _("It has begun: only the floor can end it."),
        "isFrozen": _("It is frozen: the floor counts on it."),
        "isPinned": _("It is pinned. Unpin it first."),
        "isLeaving": _("Another plant makes it once you publish. Undo that first."),
        "isComing": _("It comes from another plant once you publish; then it can be moved."),
        "isClosed": _("You may look at this plan, not change it."),
        "effectFailed": _("The engine does not answer; the change is kept and judged as soon as it does."),
    }


def _draft() -> dict[str, str]:
    return {
        "draft": _("Draft"),
        "fromPlan": _("from plan %(no)s, published %(when)s"),
        "publishOne": _("Publish 1 change"),
        "publishMany": _("Publish %(count)s changes"),
        "publish": _("Publish"),
        "othersOne": _("%(name)s has a change of their own"),
        "othersMany": _("%(name)s has %(count)s changes of their own"),
        "refused": _("No longer possible and taken out: %(texts)s"),
        "draftFailed": _("Not saved yet: kept in this browser, and tried again by itself."),
        "draftRefused": _("Not saved: %(text)s"),
        "resumed": _("Changes that had not been saved are taken up again."),
        "publishFailed": _("The server cannot be reached. Your changes are kept; publish again when it is back."),
        "published2": _("Published. The floor sees it within seconds."),
        "newPlan": _("Plan %(no)s is in force; your changes are laid over it."),
        "pin": _("Pin"),
        "unpin": _("Unpin"),
        "pinned": _("Pinned"),
        "frozen": _("Frozen"),
        "leaves": _("Leaves this plant"),
        "comes": _("Comes from another plant"),
        "wasAt": _("published: %(machine)s, %(when)s"),
        "splitHint": _("%(number)s, %(what)s: %(count)s pieces"),
        "selected": _("%(count)s operations selected"),
        "selectedSum": _("%(time)s of work. Machines: %(machines)s, orders: %(orders)s"),
        "move": _("Move"),
        "stays": _("No, it stays here"),
    }


def _around() -> dict[str, str]:
    return {
        "unknownPart": _("Not known without a connection. It comes by itself when that is back."),
        "failedPart": _("It could not be fetched. Choose the operation again in a moment."),
        "tableCut": _("The first %(shown)s of %(count)s operations in view. Narrow them by filter or time."),
        "linkCopied": _("The link to this view is copied."),
        "linkShown": _("The link is in the address line."),
        "offline": _("No connection. What you see is from %(when)s; it catches up by itself."),
        "lostRight": _("You are logged out or may no longer see this plan. Reload the page."),
        "hitOf": _("%(at)s of %(count)s"),
        "late2": _("%(count)s late"),
        "lateNone": _("none late"),
        "besideMoved": _("%(count)s begin elsewhere or at another time"),
        "besideSetup": _("setup %(time)s"),
        "closeScenario": _("Close scenario %(name)s"),
        "down2": _("Machine down"),
        "materialReady": _("Material ready"),
        "promise": _("Promise"),
        "needed": _("Needed for promises"),
        "tooMuch": _("Overload"),
        "publishedPlace": _("Published place"),
        "planned": _("Planned"),
        "held": _("Pinned or frozen"),
        "perOrder": _("A colour per order"),
        "closed": _("No shift"),
    }


def _hours() -> dict[str, str]:
    return {
        "hourInView": _("An hour of what is in view, on average"),
        "inViewNow": _("What is in view"),
        "headsNeeded": _("People needed: %(count)s"),
        "headsThere": _("People there: %(count)s"),
        "headsBoth": _("needed %(need)s, there %(there)s"),
        "headsFew": _("%(count)s too few"),
        "headsEnough": _("Enough people"),
        "loadOf": _("%(work)s of work in %(open)s of open time"),
        "loadSetup": _("%(time)s of it setup"),
        "loadNeeded": _("%(time)s needed to keep promises"),
    }
