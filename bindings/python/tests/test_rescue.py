"""Replicas that go on under a new id: rescued on a snapshot, or seeded anew."""

from typing import Any

import pytest

from libsync import (
    BelowPruneFloorError,
    DecodeError,
    EvictedError,
    InTransactionError,
    Kind,
    NotAMemberError,
    OfferedCount,
    OfferedElement,
    OfferedItems,
    OfferedMove,
    OfferedText,
    OfferedValue,
    OpId,
    OtherDocumentError,
    OtherEpochError,
    Replica,
    ReplicaIdReusedError,
    RescueOutcome,
    ShallowError,
    SnapshotBehindError,
    UndecidedError,
    UnknownChanges,
    VersionVector,
    WrittenElsewhereError,
)


def late_and_pruned() -> tuple[Replica, Replica]:
    """A replica with edits that were not sent, and the server, which has pruned beyond it."""
    server = Replica(replica=1)
    server.insert("story", 0, "It was a dark and stormy night.")
    server.set("notes.mood", "gloomy")
    late = Replica.load(server.save(), 2)
    late.insert("story", 30, ", and the rain fell")
    late.insert("story", 13, " (very dark)")
    late.set("notes.mood", "wet")
    late.set("title", "Paul Clifford")
    server.delete("story", 7, 23)
    server.insert("story", 7, "spring")
    server.remove("notes")
    server.prune()
    return late, server


def test_what_was_not_sent_is_made_anew() -> None:
    late, server = late_and_pruned()
    with pytest.raises(BelowPruneFloorError):
        server.apply(late.export(server.version))
    before = late.save()
    server.join(3)
    rescued = late.rescue(server.save(), 3)
    assert late.save() == before
    replica, report = rescued.replica, rescued.report
    assert replica.id == 3
    assert (report.applied, report.moved, report.offered) == (2, 1, 1)
    outcomes = [(edit.path, edit.outcome) for edit in report.edits]
    assert outcomes == [
        ("/story", RescueOutcome.APPLIED),
        ("/story", RescueOutcome.MOVED),
        ("/notes/mood", RescueOutcome.OFFERED),
        ("/title", RescueOutcome.APPLIED),
    ]
    typed, _, offered, applied = report.edits
    assert (typed.id, typed.length, typed.offer) == (OpId(2, 0), 19, None)
    assert typed.now == OpId(3, 0)
    assert (offered.offer, offered.now) == (OfferedValue("wet"), None)
    assert applied.now is not None
    assert (report.unknown, report.sponsored) == ((), ())
    server.apply(replica.export(server.version))
    assert server.to_json() == replica.to_json()
    assert server.get("title") == "Paul Clifford"
    assert "(very dark)" in server.text("story")


def test_every_kind_of_edit_is_offered() -> None:
    server = Replica(replica=1)
    server.insert("gone.text", 0, "abc")
    server.insert_items("gone.list", 0, ["a", "b"])
    server.insert_items("list", 0, ["c", "d"])
    server.increment("gone.count", 1)
    server.add("gone.set", 0)
    late = Replica.load(server.save(), 2)
    late.insert("gone.text", 1, "xyz")
    late.insert_items("gone.list", 2, [1, Kind.MAP])
    late.increment("gone.count", 5)
    late.add("gone.set", b"x")
    late.set("gone.value", None)
    late.move_item("list", 0, 1)
    server.remove("gone")
    server.delete_items("list", 0, 1)
    server.prune()
    server.join(3)
    report = late.rescue(server.save(), 3).report
    offers: list[Any] = [edit.offer for edit in report.edits]
    assert offers == [
        OfferedText(1, "xyz"),
        OfferedItems(2, (1, Kind.MAP)),
        OfferedCount(5),
        OfferedElement(b"x"),
        OfferedValue(None),
        OfferedMove("c", 1),
    ]
    assert report.offered == len(offers)


def test_a_restored_backup_says_what_it_has_written_since() -> None:
    replica = Replica(replica=1)
    replica.insert("text", 0, "one ")
    backup = replica.save()
    server = Replica.load(replica.save(), 9)
    replica.insert("text", 4, "two ")
    replica.insert("text", 8, "three ")
    server.apply(replica.export(server.version))
    server.prune()
    restored = Replica.load(backup, 1)
    in_backup = restored.version.get(1)
    restored.insert("text", 4, "2 ")
    restored.apply_acknowledgement(server.acknowledge())
    with pytest.raises(WrittenElsewhereError):
        restored.set("a", 1)
    server.join(3)
    server.delete("text", 0, 1)
    server.prune()
    rescued = restored.rescue(server.save(), 3, written_since=in_backup)
    assert rescued.report.edits[0].length == 2
    assert "2 " in rescued.replica.text("text")
    shallow = server.save(shallow=True)
    with pytest.raises(UndecidedError) as caught:
        restored.rescue(shallow, 3)
    assert (caught.value.known, caught.value.here) == (15, 7)


def test_a_snapshot_that_does_not_do() -> None:
    late, server = late_and_pruned()
    with pytest.raises(NotAMemberError) as not_joined:
        late.rescue(server.save(), 3)
    assert not_joined.value.replica == 3
    with pytest.raises(ReplicaIdReusedError) as reused:
        late.rescue(server.save(), 2)
    assert (reused.value.replica, reused.value.change) == (2, None)
    with pytest.raises(DecodeError):
        late.rescue(b"noise", 3)
    with pytest.raises(OtherDocumentError):
        late.rescue(Replica(replica=1).save(), 3)
    server.join(3)
    late.begin()
    with pytest.raises(InTransactionError):
        late.rescue(server.save(), 3)
    late.abort()
    old = Replica(server.document, 9)
    old.join(3)
    pruned = Replica.load(server.save(), 4)
    with pytest.raises(SnapshotBehindError) as behind:
        pruned.rescue(old.save(), 3)
    assert isinstance(behind.value.since, VersionVector)


def test_what_the_snapshot_lacks_of_others_is_named() -> None:
    late, server = late_and_pruned()
    other = Replica(server.document, 5)
    other.set("other", 1)
    late.apply(other.export())
    late.join(7)
    server.join(3)
    report = late.rescue(server.save(), 3).report
    assert report.unknown == (UnknownChanges(5, 0, 1),)
    assert report.sponsored == (7,)


def test_who_was_evicted_is_rescued() -> None:
    server = Replica(replica=1)
    server.join(2)
    lost = Replica.load(server.save(), 2)
    lost.set("a", 1)
    server.evict(2)
    server.acknowledge()
    assert server.next_evicted() is not None
    lost.apply(server.export(lost.version))
    with pytest.raises(EvictedError):
        lost.set("b", 1)
    server.join(3)
    rescued = lost.rescue(server.save(), 3)
    server.apply(rescued.replica.export(server.version))
    assert server.get("a") == 1


def test_a_document_is_seeded_anew() -> None:
    old = Replica(replica=1)
    old.join(2)
    member = Replica.load(old.save(), 2)
    old.insert("text", 0, "Ahoy!")
    old.delete("text", 0, 4)
    member.insert("title", 0, "offline")
    new = old.reseed(3)
    assert (old.epoch, new.epoch, new.id) == (0, 1, 3)
    assert (new.document, new.to_json()) == (old.document, old.to_json())
    assert (new.memory().nodes, old.memory().nodes) == (1, 5)
    with pytest.raises(OtherEpochError) as caught:
        new.apply(member.export(new.version))
    assert (caught.value.ours, caught.value.theirs) == (1, 0)
    assert "seeded anew" in str(caught.value)
    new.join(4)
    rescued = member.rescue(new.save(), 4)
    new.apply(rescued.replica.export(new.version))
    assert new.to_json() == '{"text":"!","title":"offline"}'
    for taken in (1, 2):
        if taken in old.version:
            with pytest.raises(ReplicaIdReusedError) as reused:
                old.reseed(taken)
            assert reused.value.replica == taken
    assert old.reseed().id not in {1, 2, 3}


def test_a_shallow_snapshot_holds_the_state_alone() -> None:
    replica = Replica(replica=1)
    for number in range(50):
        replica.set("value", number)
    replica.join(2)
    shallow = replica.save(shallow=True)
    assert len(shallow) < len(replica.save())
    loaded = Replica.load(shallow, 2)
    assert loaded.to_json() == replica.to_json()
    with pytest.raises(ShallowError) as caught:
        loaded.export()
    assert caught.value.start == loaded.version
    loaded.set("value", "new")
    replica.apply(loaded.export(replica.version))
    assert replica.get("value") == "new"
    assert replica.save(shallow=True) == loaded.save(shallow=True)
    compressed = replica.save(shallow=True, compressed=True)
    assert Replica.load(compressed).to_json() == replica.to_json()
