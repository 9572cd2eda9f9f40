"""What waits in front of each machine, sorted by family and by how much a dispatch rule wants it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import Shop, Times
from aps.engine.compiled import Floats, Ints, inner
from aps.engine.precedence import followers

ARRIVING, WORKING, IDLE = range(3)
LOOK = 32
"""Families looked at per choice: the own one and those with the best first entries."""


class Desk(NamedTuple):
    """Who follows whom, and a bucket per machine and family with room for each of its options.

    `owner` operation and `bucket` of each option; a bucket's binary heap of options lies from `room[bucket]` on in
    `heap`, `filled` long, sorted by `wanting` (larger first) as it was at `since`. The buckets of a machine that hold
    something are a heap themselves, from `first[machine]` on in `row`, `open` long; `place` is a bucket's position
    there, -1 when empty. `arrivals` and `releases` are heaps of operations by `visible` and of machines by when they
    are free. `busy` are idle machines with something to choose from, `flag` what a machine does, `choice` and `value`
    what it would do next. `tally` counts arrivals, releases and busy.
    """

    first_after: Ints
    after: Ints
    owner: Ints
    bucket: Ints
    family: Ints
    first: Ints
    room: Ints
    heap: Ints
    filled: Ints
    wanting: Floats
    since: Ints
    row: Ints
    open: Ints
    place: Ints
    waiting: Ints
    ready: Ints
    visible: Ints
    arrivals: Ints
    releases: Ints
    busy: Ints
    flag: Ints
    free: Ints
    choice: Ints
    value: Floats
    tally: Ints


def desk_for(shop: Shop) -> Desk:
    """Empty queues; kept and used again by every rule, because `dispatch` clears them."""
    a = shop.a
    count, machines, options = len(a.state), len(a.machine_family), len(a.option_run)
    owner = np.repeat(np.arange(count), np.diff(a.first_option))
    families = int(a.family.max(initial=0)) + 1
    codes, bucket = np.unique(a.option_machine * families + a.family[owner], return_inverse=True)
    room = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(bucket, minlength=len(codes)))])
    first_after, after, _ = followers(a.first_before, a.before)

    def ints(length: int) -> Ints:
        return np.zeros(length, np.int64)

    return Desk(
        first_after=first_after,
        after=after,
        owner=owner,
        bucket=bucket.astype(np.int64),
        family=(codes % families).astype(np.int64),
        first=np.searchsorted(codes, np.arange(machines + 1) * families).astype(np.int64),
        room=room.astype(np.int64),
        heap=ints(options),
        filled=ints(len(codes)),
        wanting=np.zeros(options, np.float64),
        since=ints(len(codes)),
        row=ints(len(codes)),
        open=ints(machines),
        place=ints(len(codes)),
        waiting=ints(count),
        ready=ints(count),
        visible=ints(count),
        arrivals=ints(count),
        releases=ints(machines),
        busy=ints(machines),
        flag=ints(machines),
        free=ints(machines),
        choice=ints(machines),
        value=np.zeros(machines, np.float64),
        tally=ints(3),
    )


@inner
def push_event(heap: Ints, length: int, key: Ints, one: int) -> None:
    """Into a heap of `length` entries, the smallest key (then the smallest number) first."""
    at = length
    while at > 0:
        parent = (at - 1) // 2
        other = heap[parent]
        if key[other] < key[one] or (key[other] == key[one] and other < one):
            break
        heap[at] = other
        at = parent
    heap[at] = one


@inner
def pop_event(heap: Ints, length: int, key: Ints) -> None:
    """Take the first of `length` entries off."""
    one = heap[length - 1]
    at = 0
    child = 1
    while child < length - 1:
        other = heap[child]
        right = heap[child + 1]
        if child + 1 < length - 1 and (key[right] < key[other] or (key[right] == key[other] and right < other)):
            child += 1
            other = right
        if key[one] < key[other] or (key[one] == key[other] and one < other):
            break
        heap[at] = other
        at = child
        child = 2 * at + 1
    heap[at] = one


@inner
def lift(desk: Desk, bucket: int, at: int) -> None:
    """Move the option at `at` of the bucket's heap up to where it belongs."""
    base = desk.room[bucket]
    option = desk.heap[base + at]
    while at > 0:
        parent = (at - 1) // 2
        other = desk.heap[base + parent]
        if desk.wanting[other] >= desk.wanting[option]:
            break
        desk.heap[base + at] = other
        at = parent
    desk.heap[base + at] = option


@inner
def sink(desk: Desk, bucket: int, at: int) -> None:
    """Move the option at `at` of the bucket's heap down to where it belongs."""
    base, length = desk.room[bucket], desk.filled[bucket]
    option = desk.heap[base + at]
    child = 2 * at + 1
    while child < length:
        if child + 1 < length and desk.wanting[desk.heap[base + child + 1]] > desk.wanting[desk.heap[base + child]]:
            child += 1
        other = desk.heap[base + child]
        if desk.wanting[option] >= desk.wanting[other]:
            break
        desk.heap[base + at] = other
        at = child
        child = 2 * at + 1
    desk.heap[base + at] = option


@inner
def put_in_row(desk: Desk, machine: int, bucket: int, at: int) -> None:
    """Let the bucket at position `at` of the machine's row find its place, up or down."""
    base, length = desk.first[machine], desk.open[machine]
    heap, room, wanting = desk.heap, desk.room, desk.wanting
    want = wanting[heap[room[bucket]]]
    while at > 0:
        parent = (at - 1) // 2
        other = desk.row[base + parent]
        if wanting[heap[room[other]]] >= want:
            break
        desk.row[base + at] = other
        desk.place[other] = at
        at = parent
    child = 2 * at + 1
    while child < length:
        left, right = desk.row[base + child], desk.row[base + min(child + 1, length - 1)]
        if wanting[heap[room[right]]] > wanting[heap[room[left]]]:
            child += 1
        other = desk.row[base + child]
        if want >= wanting[heap[room[other]]]:
            break
        desk.row[base + at] = other
        desk.place[other] = at
        at = child
        child = 2 * at + 1
    desk.row[base + at] = bucket
    desk.place[bucket] = at


@inner
def push_option(desk: Desk, machine: int, option: int, want: float, t: int) -> None:
    """Put the option into its bucket."""
    bucket = desk.bucket[option]
    desk.wanting[option] = want
    length = desk.filled[bucket]
    desk.heap[desk.room[bucket] + length] = option
    desk.filled[bucket] = length + 1
    lift(desk, bucket, length)
    if length == 0:
        desk.since[bucket] = t
        desk.open[machine] += 1
        put_in_row(desk, machine, bucket, desk.open[machine] - 1)
    elif desk.heap[desk.room[bucket]] == option:
        put_in_row(desk, machine, bucket, desk.place[bucket])


@inner
def leave_row(desk: Desk, machine: int, bucket: int) -> None:
    """Take an empty bucket out of the machine's row."""
    at = desk.place[bucket]
    desk.place[bucket] = -1
    desk.open[machine] -= 1
    last = desk.row[desk.first[machine] + desk.open[machine]]
    if last != bucket:
        put_in_row(desk, machine, last, at)


@inner
def drop_placed(desk: Desk, times: Times, machine: int, bucket: int) -> bool:
    """Take first options off whose operation is placed already; True when the bucket's place has changed."""
    base = desk.room[bucket]
    changed = False
    while desk.filled[bucket] > 0 and times.machine[desk.owner[desk.heap[base]]] >= 0:
        desk.filled[bucket] -= 1
        desk.heap[base] = desk.heap[base + desk.filled[bucket]]
        if desk.filled[bucket] > 0:
            sink(desk, bucket, 0)
        changed = True
    if changed:
        if desk.filled[bucket] == 0:
            leave_row(desk, machine, bucket)
        else:
            put_in_row(desk, machine, bucket, desk.place[bucket])
    return changed
