"""Members, acknowledgements, and what pruning reclaims."""

import itertools
from typing import Any, Literal

import pytest

from libsync import (
    Acknowledged,
    AuthorLeftError,
    BelowPruneFloorError,
    LeftError,
    OpId,
    Replica,
    TooManyHeldError,
    VersionVector,
    WrittenElsewhereError,
)


def sponsor(pruning: Literal["automatic", "manual"] = "automatic") -> tuple[Replica, Replica]:
    """Two members of a document."""
    first = Replica(replica=1, pruning=pruning)
    second = Replica(first.document, replica=2, pruning=pruning)
    first.join(second.id)
    second.apply(first.export())
    return first, second


def exchange(first: Replica, second: Replica) -> None:
    """Hands each all that the other has."""
    first.apply(second.export(first.version))
    second.apply(first.export(second.version))


def acknowledge(first: Replica, second: Replica) -> None:
    """A round of acknowledgements: what each has seen, then what each knows to be stable."""
    for _ in range(2):
        from_first, from_second = first.acknowledge(), second.acknowledge()
        assert first.apply_acknowledgement(from_second) is Acknowledged.TAKEN
        assert second.apply_acknowledgement(from_first) is Acknowledged.TAKEN


def test_tombstones_go_once_all_have_acknowledged() -> None:
    first, second = sponsor("manual")
    first.insert("text", 0, "a long text that goes")
    exchange(first, second)
    second.delete("text", 0, 17)
    exchange(first, second)
    assert first.memory().tombstones == 17
    assert first.prune().nodes == 0
    acknowledge(first, second)
    for replica in (first, second):
        before = replica.memory()
        report = replica.prune()
        after = replica.memory()
        assert report.nodes == 17
        assert report.changes > 0
        assert report.bytes == before.total_bytes - after.total_bytes > 0
        assert report.floor == replica.version
        assert report.held_back_by == ()
        assert after.tombstones == 0
        assert after.nodes == 4
        assert replica.text("text") == "goes"
    first.insert("text", 4, "!")
    exchange(first, second)
    assert first.to_json() == second.to_json() == '{"text":"goes!"}'


def test_tombstones_go_by_themselves() -> None:
    first, second = sponsor()
    first.insert("text", 0, "a long text that goes")
    exchange(first, second)
    second.delete("text", 0, 17)
    exchange(first, second)
    acknowledge(first, second)
    for replica in (first, second):
        assert (replica.memory().tombstones, replica.memory().nodes) == (0, 4)
        report = replica.prune()
        assert (report.nodes, report.backlog) == (17, 0)
        assert replica.prune().nodes == 0


def test_a_policy_says_when_to_prune_and_how_much() -> None:
    first, second = sponsor("manual")
    for _ in range(100):
        first.insert("text", 0, "gone")
        first.insert("text", 2, "kept")
        first.delete("text", 6, 2)
        first.delete("text", 0, 2)
    exchange(first, second)
    acknowledge(first, second)
    assert first.memory().tombstones == 400
    assert first.prune_if(least_operations=10_000) is None
    assert first.prune_if(least_tombstones=0.6) is None
    first.begin()
    assert first.prune_if() is None
    first.abort()
    reports = []
    while report := first.prune_if(least_tombstones=0.01, most_work=10):
        reports.append(report)
        assert len(reports) < 1000
    assert len(reports) > 1
    assert reports[0].backlog > reports[-1].backlog
    assert first.prune().nodes == 0
    left = first.memory().tombstones  # that hold parts of the text in their order
    assert sum(report.nodes for report in reports) == 400 - left
    assert left < first.memory().nodes / 2
    second.prune()
    assert first.to_json() == second.to_json()


def test_when_it_prunes_is_one_of_two_words() -> None:
    word: Any = "sometimes"
    with pytest.raises(ValueError, match="sometimes"):
        Replica(pruning=word)
    with pytest.raises(TypeError):
        Replica.load(Replica().save(), pruning=1)  # type: ignore[arg-type]


def test_an_acknowledgement_that_misses_another_is_asked_for_whole() -> None:
    first, second = sponsor()
    second.set("a", 1)
    exchange(first, second)
    second.acknowledge()  # is lost
    second.set("a", 2)
    exchange(first, second)
    assert first.apply_acknowledgement(second.acknowledge()) is Acknowledged.INCOMPLETE
    assert first.apply_acknowledgement(second.acknowledge_whole()) is Acknowledged.TAKEN


def test_a_report_names_who_holds_back() -> None:
    first, second = sponsor()
    first.insert("text", 0, "abc")
    first.delete("text", 0, 3)
    first.acknowledge()
    report = first.prune()
    assert report.nodes == 0
    assert report.floor == VersionVector()
    holdback = report.held_back_by[0]
    assert holdback.member == second.id
    assert holdback.unacknowledged == first.version.operations()
    assert holdback.unstable == first.version.operations()


def test_members_are_listed_with_what_they_have_seen() -> None:
    first, second = sponsor()
    assert {member.replica for member in first.members()} == {1, 2}
    assert all(member.replica != 2 or member.acknowledged is None for member in first.members())
    second.set("a", 1)
    exchange(first, second)
    acknowledge(first, second)
    for member in first.members():
        assert member.acknowledged == first.version
        assert member.stable == first.version


def test_an_acknowledgement_waits_for_the_changes_it_names() -> None:
    first, second = sponsor()
    second.set("a", 1)
    early = second.acknowledge()
    assert first.apply_acknowledgement(early) is Acknowledged.HELD
    first.set("b", 1)
    exchange(first, second)
    later = second.acknowledge()
    assert first.apply_acknowledgement(later) is Acknowledged.TAKEN
    assert first.apply_acknowledgement(early) is Acknowledged.STALE


def test_a_member_joins_by_name() -> None:
    first = Replica(replica="first")
    first.join("second")
    second = Replica(first.document, "second")
    assert second.id in {member.replica for member in first.members()}


def test_who_has_left_is_not_waited_for() -> None:
    first, second = sponsor()
    first.insert("text", 0, "abc")
    exchange(first, second)
    second.leave()
    exchange(first, second)
    assert [member.replica for member in first.members()] == [1]
    for call in (second.leave, lambda: second.set("a", 1), lambda: second.join(3)):
        with pytest.raises(LeftError):
            call()
    first.delete("text", 0, 3)
    first.acknowledge()
    first.acknowledge()
    assert first.prune().nodes == 3


def test_who_was_away_too_long_is_told_the_floor() -> None:
    first, second = sponsor()
    first.insert("text", 0, "abc")
    exchange(first, second)
    acknowledge(first, second)
    report = first.prune()
    with pytest.raises(BelowPruneFloorError) as caught:
        first.export()
    assert caught.value.floor == report.floor
    assert caught.value.change is None
    restarted = Replica.load(first.save())
    assert restarted.to_json() == first.to_json()


def test_a_change_that_names_what_was_pruned_is_refused() -> None:
    first, second = sponsor()
    first.insert("text", 0, "abc")
    exchange(first, second)
    stranger = Replica.load(first.save(), 9)
    first.delete("text", 0, 3)
    exchange(first, second)
    acknowledge(first, second)
    report = first.prune()
    shown = first.to_json()
    before = stranger.version
    stranger.insert("text", 1, "x")
    with pytest.raises(BelowPruneFloorError) as caught:
        first.apply(stranger.export(before))
    assert caught.value.change == OpId(9, 0)
    assert caught.value.floor == report.floor
    assert first.to_json() == shown


def test_a_change_of_who_has_left_is_refused() -> None:
    first, second = sponsor()
    second.set("a", 1)
    twin = Replica.load(second.save(), second.id)
    second.leave()
    exchange(first, second)
    twin.set("b", 1)
    before = twin.version
    twin.set("c", 1)
    with pytest.raises(AuthorLeftError) as caught:
        first.apply(twin.export(before))
    assert caught.value.change == OpId(2, 2)


def test_acknowledgements_that_wait_are_bounded() -> None:
    first = Replica(replica=0)

    def fill() -> None:
        for number in itertools.count(1):
            stranger = Replica(first.document, number)
            stranger.set("a", number)
            taken = first.apply_acknowledgement(stranger.acknowledge())
            assert taken is Acknowledged.HELD

    with pytest.raises(TooManyHeldError) as caught:
        fill()
    assert caught.value.member == caught.value.limit + 1


def test_a_restored_backup_does_not_write_over_what_it_wrote() -> None:
    replica = Replica(replica=1)
    backup = replica.save()
    replica.set("a", 1)
    before = replica.version
    replica.set("b", 2)
    restored = Replica.load(backup, replica=1)
    restored.apply(replica.export(before))
    with pytest.raises(WrittenElsewhereError) as caught:
        restored.set("c", 3)
    assert caught.value.change == OpId(1, 1)
    restored.apply(replica.export())
    restored.set("c", 3)
