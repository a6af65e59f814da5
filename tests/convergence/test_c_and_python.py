"""Replicas in C and in Python converge through bytes alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from c_replica import EPOCH, CReplica, StatusError
from peers import Peer
from program import Program

import libsync
from libsync import Causality, Kind, OpId, Receiver, Replica, Sender, StreamBrokenError

StartC = Callable[[bytes, int], CReplica]

DOCUMENT = bytes(range(16))
OFFERS = {
    libsync.OfferedText: "text",
    libsync.OfferedItems: "items",
    libsync.OfferedValue: "value",
    libsync.OfferedElement: "element",
    libsync.OfferedCount: "count",
    libsync.OfferedMove: "move",
}
MOON = datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)


@pytest.fixture
def pair(c_replica: StartC) -> tuple[CReplica, Replica]:
    """Two members of a document, one in each language."""
    in_c, in_python = c_replica(DOCUMENT, 1), Replica(DOCUMENT, 2)
    in_c.join(2)
    exchange(in_c, in_python)
    return in_c, in_python


def exchange(left: Peer, right: Peer) -> None:
    """Hands each all that the other has."""
    to_right = left.export(right.encode_version())
    left.apply(right.export(left.encode_version()))
    right.apply(to_right)


def acknowledge(left: Peer, right: Peer) -> None:
    """Tells each what the other has seen, twice."""
    for _ in range(2):
        right.apply_acknowledgement(left.acknowledge())
        left.apply_acknowledgement(right.acknowledge())


def test_concurrent_edits_of_one_map_merge(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.set("user.profile.bio", "Mathematician")
    in_python.set("user.profile.avatar", "ada.png")
    exchange(*pair)
    expected = '{"user":{"profile":{"avatar":"ada.png","bio":"Mathematician"}}}'
    assert in_c.to_json() == in_python.to_json() == expected


def test_values_mean_the_same(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    values: list[Any] = [
        None,
        True,
        -(2**63),
        2**63 - 1,
        0.1,
        -0.0,
        5e-324,
        "Grüße\0 🌍",
        b"\x00\xff",
    ]
    values += [MOON, EPOCH, datetime.max.replace(tzinfo=UTC)]
    for number, value in enumerate(values):
        in_c.set(f"c.{number}", value)
        in_python.set(f"python.{number}", value)
    exchange(*pair)
    assert in_c.to_json() == in_python.to_json()
    for number, value in enumerate(values):
        for side in ("c", "python"):
            shown = in_python.get(f"{side}.{number}")
            assert (type(shown), repr(shown)) == (type(value), repr(value))


def test_every_kind_of_container_means_the_same(pair: tuple[CReplica, Replica]) -> None:
    values: list[Any] = [None, True, 1, 1.0, float("nan"), "a", b"\xff", MOON]
    sides: list[tuple[Peer, str]] = [(pair[0], "c"), (pair[1], "python")]
    for peer, name in sides:
        peer.insert_items(f"{name}.list", 0, [*values, *Kind])
        peer.move_item(f"{name}.list", 0, 2)
        peer.delete_items(f"{name}.list", 1, 1)
        peer.set(f"{name}.list.7.key", "in a map")
        peer.insert(f"{name}.list.8", 0, "in a text")
        peer.increment(f"{name}.list.10", -(2**63))
        peer.increment(f"{name}.list.11", 2**63 - 1)
        for value in reversed(values):
            assert peer.add(f"{name}.set", value)
            assert not peer.add(f"{name}.set", value)
        assert peer.discard(f"{name}.set", 1)
        assert not peer.discard(f"{name}.set", 2)
    exchange(*pair)
    in_c, in_python = pair
    assert in_c.to_json() == in_python.to_json()
    assert repr(in_python.get("c")) == repr(in_python.get("python"))
    for name in ("c", "python"):
        for peer in pair:
            assert repr(peer.items(f"{name}.list")[:3]) == repr([True, None, 1.0])
            assert peer.items(f"{name}.list")[-7:] == list(Kind)
            assert peer.count(f"{name}.list.10") == -(2**63)
            assert peer.count(f"{name}.list.11") == 2**63 - 1
            assert repr(peer.elements(f"{name}.set")) == repr(values[:2] + values[3:])
            assert peer.contains(f"{name}.set", MOON)
            assert (peer.len(f"{name}.set"), peer.len(f"{name}.list")) == (7, 14)


def test_transactions_mean_the_same(pair: tuple[CReplica, Replica]) -> None:
    changes = []
    for peer in pair:
        saved = peer.save()
        peer.begin()
        peer.increment("n", 5)
        assert peer.abort()
        assert not peer.abort()
        assert peer.save() == saved
        peer.begin()
        peer.increment("n", 1)
        peer.add("tags", "both")
        peer.set("by", peer.id)
        peer.commit(message="Grüße", origin=f"peer {peer.id}", time=MOON)
        (conflict,) = peer.conflicts("by")
        assert conflict.id is not None
        change = peer.change(conflict.id)
        assert change is not None
        assert (change.time, change.message) == (MOON, "Grüße")
        assert change.origin == f"peer {peer.id}"
        changes.append(change)
    exchange(*pair)
    for peer in pair:
        assert peer.count("n") == 2
        assert [(each.author, each.time) for each in peer.conflicts("by")] == [(2, MOON), (1, MOON)]
        assert [peer.change(change.id) for change in changes] == changes
        assert peer.change((1, 10**6)) is None


def test_clocks_and_nodes_mean_the_same(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.insert("text", 0, "abc")
    in_c.insert_items("list", 0, ["a", Kind.MAP])
    exchange(*pair)
    in_python.delete("text", 1, 1)
    in_python.move_item("list", 0, 1)
    in_c.set("list.1.key", 1)
    assert in_c.clock("list").compare(in_python.clock("list")) is Causality.CONCURRENT
    exchange(*pair)
    for path in ("text", "list", "list.0", ""):
        assert in_c.clock(path) == in_python.clock(path)
    for path in ("text", "list"):
        assert in_c.nodes(path) == in_python.nodes(path)


def test_a_removal_that_wins_means_the_same(pair: tuple[CReplica, Replica]) -> None:
    for writer, remover in (pair, pair[::-1]):
        writer.set("door", "open")
        exchange(*pair)
        assert remover.remove_wins("door")
        writer.set("door", "ajar")
        exchange(*pair)
        for peer in pair:
            assert peer.to_json() == "{}"
            assert [conflict.value for conflict in peer.conflicts("door")] == ["ajar"]


def test_positions_mean_the_same_in_every_unit(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    expected = "→ Grüße 🌍🌍 an alle"
    in_python.insert("text", 0, expected)
    exchange(*pair)
    for position in (9, 4, 8, 2, 10, 1):
        in_c.insert("text", position, "😀")
        in_c.delete("text", position + 2, 2)
        expected = f"{expected[:position]}😀{expected[position:]}"
        expected = expected[: position + 2] + expected[position + 4 :]
    exchange(*pair)
    assert in_c.text("text") == in_python.text("text") == expected


def test_a_change_waits_for_what_it_depends_on(pair: tuple[CReplica, Replica]) -> None:
    for writer, reader in (pair, pair[::-1]):
        changes = []
        for position, character in enumerate("abc"):
            before = writer.encode_version()
            writer.insert(f"text{writer.id}", position, character)
            changes.append(writer.export(before))
        assert reader.apply(changes[2]).held == 1
        assert reader.apply(changes[1]).held == 2
        (missing,) = reader.missing()
        assert isinstance(missing, OpId)
        assert missing.replica == writer.id
        assert reader.apply(changes[0]).changes == 3
        assert reader.apply(changes[0]).duplicates == 1
        assert reader.text(f"text{writer.id}") == "abc"


def test_what_one_language_saves_the_other_loads(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.insert("text", 0, "written in C")
    in_c.delete("text", 7, 5)
    in_python.insert("text", 0, "written in Python, ")
    exchange(*pair)
    loaded = Replica.load(in_c.save(), 3)
    assert loaded.to_json() == in_c.to_json()
    assert in_c.save() == in_python.save()
    in_c.restart()
    loaded.insert("text", 0, "and ")
    in_c.apply(loaded.export(in_c.encode_version()))
    assert in_c.to_json() == loaded.to_json()


def test_keystrokes_stream_between_both(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.connect(in_python.encode_version())
    sender, receiver = Sender(in_python.decode_version(in_c.encode_version())), Receiver()
    typed = "Grüße 🌍 an alle, hier wie dort"
    for position, letter in enumerate(typed):
        if position % 6 < 3:
            in_c.insert("text", position, letter)
            frame = in_c.send()
            in_python.receive(receiver, frame)
        else:
            in_python.insert("text", position, letter)
            sender.skip_received(receiver)
            frame = in_python.send(sender) or b""
            in_c.receive(frame)
        assert position <= 6 or len(frame) < 20
    assert in_c.to_json() == in_python.to_json()
    assert in_c.text("text") == typed
    assert in_c.send() == b""
    sender.skip_received(receiver)
    assert in_python.send(sender) is None

    in_c.insert("text", 0, "a")
    in_python.insert("text", 0, "b")
    assert in_c.send() != b""
    assert in_python.send(sender) is not None
    in_c.insert("text", 0, "c")
    in_python.insert("text", 0, "d")
    with pytest.raises(StreamBrokenError) as in_python_caught:
        in_python.receive(receiver, in_c.send())
    with pytest.raises(StatusError, match="SYNC_ERR_STREAM_BROKEN") as in_c_caught:
        in_c.receive(in_python.send(sender) or b"")
    assert str(in_c_caught.value) == f"SYNC_ERR_STREAM_BROKEN: {in_python_caught.value}"


def test_both_read_what_the_other_compressed(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_python.insert("text", 0, "compressed " * 50)
    in_c.apply(in_python.export(compressed=True))
    assert in_c.to_json() == in_python.to_json()
    assert Replica.load(in_python.save(compressed=True)).save() == in_c.save()


def test_both_prune_what_both_have_seen(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.insert("text", 0, "a text that goes")
    exchange(*pair)
    in_python.delete("text", 0, 12)
    exchange(*pair)
    assert in_c.node_counts() == (16, 12)
    for _ in range(2):
        from_c, from_python = in_c.acknowledge(), in_python.acknowledge()
        in_c.apply_acknowledgement(from_python)
        in_python.apply_acknowledgement(from_c)
    assert in_c.prune().nodes == in_python.prune().nodes == 12
    assert in_c.prune().held_back_by == 0
    assert in_c.node_counts() == (4, 0)
    in_c.insert("text", 4, "!")
    exchange(*pair)
    assert in_c.to_json() == in_python.to_json() == '{"text":"goes!"}'


def test_who_left_is_gone_on_both_sides(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.leave()
    exchange(*pair)
    in_python.set("a", 1)
    assert [member.replica for member in in_python.members()] == [2]
    with pytest.raises(StatusError, match="SYNC_ERR_LEFT"):
        in_c.set("a", 2)


def test_the_others_go_on_without_who_is_evicted(c_replica: StartC) -> None:
    for lost_in_c in (True, False):
        in_c, in_python = c_replica(DOCUMENT, 1), Replica(DOCUMENT, 2)
        lost: Peer = c_replica(DOCUMENT, 3) if lost_in_c else Replica(DOCUMENT, 3)
        in_c.join(2)
        in_c.join(3)
        in_c.insert("text", 0, "Ahoy!")
        in_c.set_time(MOON)
        exchange(in_c, in_python)
        lost.apply(in_c.export(lost.encode_version()))
        lost.insert("text", 5, " Help")
        in_python.apply(lost.export(in_python.encode_version()))
        lost.insert("text", 10, " me!")
        in_python.delete("text", 4, 1)
        exchange(in_c, in_python)
        acknowledge(in_c, in_python)
        (in_c_says,) = in_c.pruning()["held_back_by"]
        (in_python_says,) = in_python.pruning().held_back_by
        assert in_c_says["member"] == f"{3:016x}"
        assert in_python_says.member == 3
        assert in_c_says["unacknowledged"] == in_python_says.unacknowledged
        assert in_c.pruning()["reliefs"][0]["members"] == [f"{3:016x}"]
        known = in_c.encode_version()
        evicting: Peer = in_c if lost_in_c else in_python
        evicting.evict(3)
        exchange(in_c, in_python)
        acknowledge(in_c, in_python)
        evicted = in_python.next_evicted()
        assert evicted is not None
        assert in_c.next_evicted() == {"operations": 5, "refused": [], "replica": f"{3:016x}"}
        assert in_c.next_evicted() is None
        assert (evicted.replica, evicted.operations) == (3, 5)
        (departed,) = in_python.departed()
        (in_c_departed,) = in_c.departed()
        assert (departed.replica, departed.operations, departed.evicted) == (3, 5, True)
        assert (in_c_departed["replica"], in_c_departed["operations"]) == (f"{3:016x}", 5)
        assert in_c_departed["evicted"]
        acknowledge(in_c, in_python)
        in_c.prune()
        in_python.prune()
        assert in_c.to_json() == in_python.to_json() == '{"text":"Ahoy Help"}'
        late = lost.export(known)
        with pytest.raises(StatusError, match="SYNC_ERR_AUTHOR_EVICTED"):
            in_c.apply(late)
        with pytest.raises(libsync.AuthorEvictedError):
            in_python.apply(late)


def test_both_rescue_alike(pair: tuple[CReplica, Replica], c_replica: StartC) -> None:
    in_c, in_python = pair
    in_c.insert("story", 0, "It was a dark and stormy night.")
    in_c.set("notes.mood", "gloomy")
    in_c.insert("notes.text", 0, "abc")
    exchange(*pair)
    late = c_replica(DOCUMENT, 9)
    late.load(in_python.save())
    late.insert("story", 13, " (very dark)")
    late.set("notes.mood", MOON)
    late.insert("notes.text", 1, "xyz")
    late.insert_items("notes.list", 0, [1, Kind.MAP])
    late.add("notes.tags", b"x")
    late.increment("notes.total", 5)
    late.set("title", "Paul Clifford")
    twin = Replica.load(late.save(), 9)
    in_python.delete("story", 7, 23)
    in_python.remove("notes")
    exchange(*pair)
    acknowledge(*pair)
    in_c.prune()
    in_python.prune()
    for peer in pair:
        with pytest.raises((StatusError, libsync.BelowPruneFloorError)):
            peer.apply(late.export(peer.encode_version()))
    in_c.join(10)
    exchange(*pair)
    snapshot = in_python.save()
    details = late.rescue(snapshot, 10)
    rescued = twin.rescue(snapshot, 10)
    listed = [
        (edit["path"], edit["outcome"], edit["len"], edit["offer"] and edit["offer"]["what"])
        for edit in details["edits"]
    ]
    assert listed == [
        (edit.path, edit.outcome.value, edit.length, edit.offer and OFFERS[type(edit.offer)])
        for edit in rescued.report.edits
    ]
    assert {outcome for _, outcome, _, _ in listed} == {"applied", "moved", "offered"}
    assert late.save() == rescued.replica.save()
    for peer in pair:
        peer.apply(late.export(peer.encode_version()))
        assert peer.to_json() == late.to_json()


def test_a_document_that_is_seeded_anew_is_another(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.set("a", 1)
    exchange(*pair)
    in_python.set("b", 2)
    in_c.reseed(3)
    with pytest.raises(StatusError, match="SYNC_ERR_OTHER_EPOCH"):
        in_c.apply(in_python.export())
    with pytest.raises(libsync.OtherEpochError):
        in_python.apply_acknowledgement(in_c.acknowledge())
    in_c.join(4)
    rescued = in_python.rescue(in_c.save(), 4).replica
    assert rescued.epoch == 1
    exchange(in_c, rescued)
    assert in_c.to_json() == rescued.to_json() == '{"a":1,"b":2}'


def test_both_forget_what_is_redacted(pair: tuple[CReplica, Replica]) -> None:
    for peer in pair:
        peer.set(f"secret{peer.id}", "swordfish")
    exchange(*pair)
    for peer in pair:
        assert peer.redact_path(f"secret{peer.id}")
    exchange(*pair)
    acknowledge(*pair)
    for peer in pair:
        peer.prune()
        assert b"swordfish" not in peer.save()
        assert peer.to_json() == "{}"


def test_errors_have_the_same_names(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.set("value", 1)
    in_c.insert("text", 0, "abc")
    in_c.insert_items("list", 0, ["a"])
    in_c.create("grown", Kind.GROW_ONLY_SET)
    in_c.add("grown", 1)
    in_c.increment("full", 2**63 - 1)
    exchange(*pair)
    stranger = Replica(replica=3)
    stranger.set("a", 1)
    forger = Replica(DOCUMENT, 1)
    forger.set("other", 2)
    calls: list[tuple[Callable[[Peer], object], str, type[libsync.LibsyncError]]] = [
        (lambda peer: peer.text("a..b"), "PATH", libsync.PathError),
        (lambda peer: peer.text("nothing"), "NOT_FOUND", libsync.NotFoundError),
        (lambda peer: peer.keys("value"), "WRONG_KIND", libsync.WrongKindError),
        (lambda peer: peer.set("", 1), "ROOT", libsync.RootError),
        (lambda peer: peer.set("list.x", 1), "NOT_AN_INDEX", libsync.NotAnIndexError),
        (
            lambda peer: peer.delete_items("list", 1, 2),
            "INDEX_OUT_OF_BOUNDS",
            libsync.IndexOutOfBoundsError,
        ),
        (lambda peer: peer.remove("grown"), "GROW_ONLY", libsync.GrowOnlyError),
        (lambda peer: peer.discard("grown", 2), "GROW_ONLY", libsync.GrowOnlyError),
        (lambda peer: peer.increment("full", 1), "OVERFLOW", libsync.CounterOverflowError),
        (lambda peer: peer.set("/" + "k" * 2**17, 1), "TOO_LONG", libsync.TooLongError),
        (
            lambda peer: peer.commit(message="", origin="", time=MOON),
            "NO_TRANSACTION",
            libsync.NoTransactionError,
        ),
        (lambda peer: peer.set("/x" * 10_000, 1), "TOO_DEEP", libsync.TooDeepError),
        (lambda peer: peer.apply(b"noise"), "DECODE", libsync.DecodeError),
        (
            lambda peer: peer.apply(stranger.export()),
            "OTHER_DOCUMENT",
            libsync.OtherDocumentError,
        ),
        (
            lambda peer: peer.apply(forger.export()),
            "REPLICA_ID_REUSED",
            libsync.ReplicaIdReusedError,
        ),
    ]
    opened: list[Callable[[Peer], object]] = [
        lambda peer: peer.begin(),
        lambda peer: peer.export(peer.encode_version()),
        lambda peer: peer.apply(stranger.export()),
        lambda peer: peer.apply_acknowledgement(stranger.acknowledge()),
        lambda peer: peer.leave(),
        lambda peer: peer.join(7),
    ]
    for call, status, exception in calls:
        with pytest.raises(StatusError) as in_c_caught:
            call(in_c)
        with pytest.raises(exception) as in_python_caught:
            call(in_python)
        assert in_c_caught.value.status == f"SYNC_ERR_{status}"
        assert str(in_c_caught.value) == f"SYNC_ERR_{status}: {in_python_caught.value}"
    for peer in pair:
        peer.begin()
    for call in opened:
        with pytest.raises(StatusError, match="SYNC_ERR_IN_TRANSACTION"):
            call(in_c)
        with pytest.raises(libsync.InTransactionError):
            call(in_python)


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_converge(seed: int, c_replica: StartC) -> None:
    """The seed in the test's name decides the whole program."""
    replicas: list[Peer] = [
        c_replica(DOCUMENT, 1),
        Replica(DOCUMENT, 2),
        c_replica(DOCUMENT, 3),
        Replica(DOCUMENT, 4),
    ]
    if seed % 2:
        replicas.reverse()
    program = Program(seed, replicas)
    program.run(300)
    assert program.pruned > 0


@pytest.mark.parametrize("seed", range(20))
def test_random_programs_go_on_without_the_lost(seed: int, c_replica: StartC) -> None:
    """One member is evicted, and a copy that nobody waits for comes back: both are rescued."""
    replicas: list[Peer] = [
        c_replica(DOCUMENT, 1),
        Replica(DOCUMENT, 2),
        c_replica(DOCUMENT, 3),
        Replica(DOCUMENT, 4),
    ]
    if seed % 2:
        replicas.reverse()
    program = Program(seed, replicas)
    program.run(60)
    late = c_replica(DOCUMENT, 9)
    late.load(program.replicas[0].save())
    program.lose(late)
