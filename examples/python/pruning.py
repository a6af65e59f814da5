"""A phone is lost and evicted, and a laptop that nobody waited for is rescued.

Run it with the package installed: `pip install ./bindings/python`, then
`python examples/python/pruning.py`. It ends with status 1 if the replicas don't agree.
"""

import sys
from datetime import UTC, datetime, timedelta

from libsync import BelowPruneFloorError, Replica


def exchange(server: Replica, tablet: Replica) -> None:
    """Hands each all that the other has, and tells it what the other has seen, twice."""
    tablet.apply(server.export(since=tablet.version))
    server.apply(tablet.export(since=server.version))
    for _ in range(2):
        tablet.apply_acknowledgement(server.acknowledge())
        server.apply_acknowledgement(tablet.acknowledge())


def main() -> int:
    """Runs the example; returns 0 if the replicas agree."""
    monday = datetime(2026, 6, 1, tzinfo=UTC)
    server = Replica(replica="server")
    server.set_time(monday)
    server.insert("story", 0, "It was a dark and stormy night.")
    server.join("tablet")
    server.join("phone")
    tablet = Replica.load(server.save(), "tablet")
    # A copy that the server does not know of: pruning does not wait for it.
    laptop = Replica.load(server.save(), "laptop")

    print("A month later, with the phone lost:")
    server.set_time(monday + timedelta(days=30))
    server.delete("story", 7, 23)
    server.insert("story", 7, "spring")
    exchange(server, tablet)
    report = server.pruning()
    for holdback in report.held_back_by:
        print(f"  {holdback.unacknowledged} operations wait, since {holdback.since:%d %B}")
    for relief in report.reliefs:
        print(f"  {len(relief.members)} eviction would free {relief.nodes} nodes")

    print("The server evicts it, and the tablet agrees:")
    server.evict("phone")
    exchange(server, tablet)
    exchange(server, tablet)
    for replica in (server, tablet):
        evicted = replica.next_evicted()
        if evicted is None:
            print("The eviction did not take effect.")
            return 1
        print(f"  {evicted.operations} operations of it count")
    print(f"  {server.prune().nodes} nodes are pruned")

    print("The laptop comes back:")
    laptop.insert("story", 13, " (very dark)")
    laptop.set("title", "Paul Clifford")
    try:
        server.apply(laptop.export(since=server.version))
    except BelowPruneFloorError as error:
        print(f"  {error}")
    server.join("laptop, the second")
    rescued = laptop.rescue(server.save(), "laptop, the second")
    for edit in rescued.report.edits:
        print(f"  {edit.outcome.value:<8} {edit.path}")
    server.apply(rescued.replica.export(since=server.version))
    print(f"  {server.to_json()}")
    if server.to_json() != rescued.replica.to_json():
        print("The replicas show different documents.")
        return 1
    print("The replicas show the same.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
