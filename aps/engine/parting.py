"""Which machines go to which searcher: parts of the factory that have little to do with one another.

An operation never leaves its part, because all machines that it could use are in one. Between two parts run only
precedences, and the fewer of them the better.
"""

from __future__ import annotations

import numpy as np

from aps.engine.arrays import FREE, Arrays, Shop
from aps.engine.compiled import Ints

UNEVEN = 1.5
"""The largest part has at most so many times the operations of an even share."""
PASSES = 8


def parted(shop: Shop, parts: int) -> list[Ints]:
    """For each part 1 for its machines, 0 for others; all ones in each when the machines cannot be parted evenly."""
    a = shop.a
    machines = len(a.capacity)
    everything = [np.ones(machines, np.int64) for _ in range(parts)]
    if parts < 2 or machines < parts:
        return everything
    station, work = _stations(a)
    if len(work) < parts:
        return everything
    links = _links(a, station, len(work))
    part = _refined(_begun(a, station, work, parts), work, links, parts)
    load = np.bincount(part, weights=work, minlength=parts)
    if load.max() > UNEVEN * work.sum() / parts or load.min() == 0:
        return everything
    return [(part[station] == one).astype(np.int64) for one in range(parts)]


def _stations(a: Arrays) -> tuple[Ints, Ints]:
    """Machines that some operation may choose between are one station: its number per machine, and its operations."""
    parent = list(range(len(a.capacity)))

    def top(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    free = np.flatnonzero((a.state == FREE) & (np.diff(a.first_option) > 0))
    first = a.option_machine[a.first_option[free]]
    owner = np.repeat(np.arange(len(a.state)), np.diff(a.first_option))
    lead = np.full(len(a.state), -1, np.int64)
    lead[free] = first
    pairs = np.stack([lead[owner], a.option_machine])[:, lead[owner] >= 0]
    for one, other in np.unique(pairs, axis=1).T.tolist():
        parent[max(top(one), top(other))] = min(top(one), top(other))
    tops = np.array([top(one) for one in range(len(parent))])
    station = np.unique(tops, return_inverse=True)[1].astype(np.int64)
    return station, np.bincount(station[first], minlength=int(station.max()) + 1).astype(np.int64)


def _links(a: Arrays, station: Ints, count: int) -> Ints:
    """Precedences between each two stations, both ways added up."""
    owner = np.repeat(np.arange(len(a.state)), np.diff(a.first_before))
    place = np.where(
        np.diff(a.first_option) > 0,
        station[a.option_machine[np.minimum(a.first_option[:-1], len(a.option_machine) - 1)]],
        -1,
    )
    ends = place[owner], place[a.before]
    known = (ends[0] >= 0) & (ends[1] >= 0) & (ends[0] != ends[1])
    links = np.zeros((count, count), np.int64)
    np.add.at(links, (ends[0][known], ends[1][known]), 1)
    return links + links.T


def _begun(a: Arrays, station: Ints, work: Ints, parts: int) -> Ints:
    """A first parting: whole sites if there are as many, else each station, the largest first, to the least part."""
    site = np.zeros(len(work), np.int64)
    site[station] = a.site
    if len(np.unique(site)) < parts:
        site = np.arange(len(work))
    load, part = np.zeros(parts, np.int64), np.zeros(len(work), np.int64)
    size = np.bincount(site, weights=work)
    for one in np.argsort(-size, kind="stable").tolist():
        least = int(load.argmin())
        part[site == one] = least
        load[least] += int(size[one])
    return part


def _refined(part: Ints, work: Ints, links: Ints, parts: int) -> Ints:
    """Move stations as long as fewer precedences are cut and no part gets too large."""
    most = UNEVEN * work.sum() / parts
    for _ in range(PASSES):
        moved = False
        for one in range(len(work)):
            pull = np.bincount(part, weights=links[one], minlength=parts)
            best = int(pull.argmax())
            load = np.bincount(part, weights=work, minlength=parts)
            if pull[best] > pull[part[one]] and load[best] + work[one] <= most and load[part[one]] > work[one]:
                part[one], moved = best, True
        if not moved:
            break
    return part
