"""Members that are evicted, and what becomes of their changes."""

from datetime import UTC, datetime, timedelta

import pytest

from libsync import (
    AuthorEvictedError,
    CannotSponsorError,
    EvictedError,
    NamesEvictedError,
    NotEvictableError,
    OpId,
    Replica,
    VersionVector,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def three() -> tuple[Replica, Replica, Replica]:
    """Three members of a document with a text, who prune when they are told to."""
    first = Replica(replica=1, pruning="manual")
    first.insert("text", 0, "Ahoy!")
    first.join(2)
    first.join(3)
    saved = first.save()
    second, third = (Replica.load(saved, number, pruning="manual") for number in (2, 3))
    return first, second, third


def exchange(first: Replica, second: Replica) -> None:
    """Hands each all that the other has, and what it has seen, twice."""
    second.apply(first.export(second.version))
    first.apply(second.export(first.version))
    for _ in range(2):
        second.apply_acknowledgement(first.acknowledge())
        first.apply_acknowledgement(second.acknowledge())


def test_the_others_go_on_without_who_is_evicted() -> None:
    first, second, lost = three()
    lost.insert("text", 5, " Help")
    second.apply(lost.export(second.version))
    lost.insert("text", 10, " me!")
    second.delete("text", 4, 1)
    exchange(first, second)
    assert first.prune().nodes == 0
    first.set_time(NOON)
    first.evict(3)
    first.evict(3)  # nothing happens
    (evicting,) = (member for member in first.members() if member.replica == 3)
    assert evicting.evicting
    assert evicting.eviction_awaits == (2,)
    assert first.departed() == []
    exchange(first, second)
    for replica in (first, second):
        evicted = replica.next_evicted()
        assert evicted is not None
        assert (evicted.replica, evicted.operations) == (3, 5)
        assert (evicted.refused, evicted.frame) == ((), None)
        assert replica.next_evicted() is None
        assert [member.replica for member in replica.members()] == [1, 2]
        (departed,) = replica.departed()
        assert (departed.replica, departed.operations, departed.evicted) == (3, 5, True)
        assert departed.departure is not None
        assert departed.departure.replica == 1
        assert departed.time == NOON
    exchange(first, second)
    assert first.prune().nodes == second.prune().nodes == 1
    (forgotten,) = first.departed()
    assert (forgotten.operations, forgotten.departure) == (5, None)
    assert first.text("text") == second.text("text") == "Ahoy Help"
    with pytest.raises(AuthorEvictedError) as caught:
        first.apply(lost.export(first.version))
    assert caught.value.change == OpId(3, 5)


def test_what_was_made_on_what_does_not_count_is_refused() -> None:
    first, second, lost = three()
    lost.set("a", 1)
    newcomer = Replica.load(lost.save(), 4)
    newcomer.set("b", 1)
    first.evict(3)
    exchange(first, second)
    assert first.next_evicted() is not None
    with pytest.raises(NamesEvictedError) as caught:
        first.apply(newcomer.export(lost.version))
    assert caught.value.change == OpId(4, 0)
    assert caught.value.named == OpId(3, 0)


def test_what_waited_and_does_not_count_is_handed_out() -> None:
    first, second, lost = three()
    lost.set("a", 1)
    before = lost.version
    lost.insert("b", 0, "x")
    late = lost.export(before)
    assert first.apply(late).held == 1
    first.evict(3)
    exchange(first, second)
    evicted = first.next_evicted()
    assert evicted is not None
    assert evicted.refused == (OpId(3, 1),)
    assert evicted.frame is not None
    assert first.missing() == []
    with pytest.raises(AuthorEvictedError):
        second.apply(evicted.frame)


def test_who_is_evicted_can_not_write() -> None:
    first, _, lost = three()
    first.evict(3)
    lost.apply(first.export(lost.version))
    for call in (lost.leave, lost.redact, lambda: lost.join(7)):
        with pytest.raises(EvictedError):
            call()
    with pytest.raises(EvictedError):
        lost.set("a", 1)
    with pytest.raises(CannotSponsorError) as caught:
        lost.export(VersionVector({9: 1}))
    assert caught.value.replica == 9


def test_who_can_not_be_evicted() -> None:
    first, second, _ = three()
    second.leave()
    first.apply(second.export(first.version))
    for member in (1, 2, 9):
        with pytest.raises(NotEvictableError) as caught:
            first.evict(member)
        assert caught.value.replica == member
        assert caught.value.reason in str(caught.value)
    (departed,) = first.departed()
    assert (departed.replica, departed.evicted, departed.departure) == (2, False, OpId(2, 0))


def test_a_report_says_since_when_and_whom_to_evict() -> None:
    first, second, _ = three()
    for hour in range(5):
        first.set_time(NOON + timedelta(hours=hour))
        first.insert("text", 0, "All is well. ")
        second.apply(first.export(second.version))
        second.delete("text", 0, 13)
        exchange(first, second)
    report = first.pruning()
    assert report.nodes == 0
    (holdback,) = report.held_back_by
    assert (holdback.member, holdback.since, holdback.lag) == (3, NOON, timedelta(hours=4))
    relief = report.reliefs[0]
    assert (relief.members, relief.waits_for, relief.nodes) == ((3,), (), 65)
    assert min(relief.operations, relief.changes, relief.bytes) > 0
    (member,) = (member for member in first.members() if member.replica == 3)
    assert member.lag == timedelta(hours=4)
    assert member.unacknowledged == holdback.unacknowledged == first.version.operations()
    assert (member.since, member.since_time) == (OpId(1, 7), None)
    assert first.prune().reliefs == ()
