"""Replicas in C and in Python converge through bytes alone."""

from collections.abc import Callable

import pytest
from peers import CReplica, Peer, StatusError
from program import Program

import libsync
from libsync import OpId, Replica

StartC = Callable[[bytes, int], CReplica]

DOCUMENT = bytes(range(16))


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


def test_concurrent_edits_of_one_map_merge(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.set("user.profile.bio", "Mathematician")
    in_python.set("user.profile.avatar", "ada.png")
    exchange(*pair)
    expected = '{"user":{"profile":{"avatar":"ada.png","bio":"Mathematician"}}}'
    assert in_c.to_json() == in_python.to_json() == expected


def test_values_mean_the_same(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    values = [None, True, -(2**63), 2**63 - 1, 0.1, -0.0, 5e-324, "Grüße\0 🌍", b"\x00\xff"]
    for number, value in enumerate(values):
        in_c.set(f"c.{number}", value)
        in_python.set(f"python.{number}", value)
    exchange(*pair)
    assert in_c.to_json() == in_python.to_json()
    for number, value in enumerate(values):
        for side in ("c", "python"):
            shown = in_python.get(f"{side}.{number}")
            assert (type(shown), repr(shown)) == (type(value), repr(value))


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


def test_both_prune_what_both_have_seen(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.insert("text", 0, "a text that goes")
    exchange(*pair)
    in_python.delete("text", 0, 12)
    exchange(*pair)
    assert in_c.nodes() == (16, 12)
    for _ in range(2):
        from_c, from_python = in_c.acknowledge(), in_python.acknowledge()
        in_c.apply_acknowledgement(from_python)
        in_python.apply_acknowledgement(from_c)
    assert in_c.prune().nodes == in_python.prune().nodes == 12
    assert in_c.prune().held_back_by == 0
    assert in_c.nodes() == (4, 0)
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


def test_errors_have_the_same_names(pair: tuple[CReplica, Replica]) -> None:
    in_c, in_python = pair
    in_c.set("value", 1)
    in_c.insert("text", 0, "abc")
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
    for call, status, exception in calls:
        with pytest.raises(StatusError) as in_c_caught:
            call(in_c)
        with pytest.raises(exception) as in_python_caught:
            call(in_python)
        assert in_c_caught.value.status == f"SYNC_ERR_{status}"
        assert str(in_c_caught.value) == f"SYNC_ERR_{status}: {in_python_caught.value}"


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
