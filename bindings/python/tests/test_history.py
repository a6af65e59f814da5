"""What a replica tells of how a place came to show what it shows."""

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from libsync import (
    Causality,
    Conflict,
    Kind,
    Node,
    NotFoundError,
    OpId,
    Replica,
    Timestamp,
    VersionVector,
    WrongKindError,
)

Edit = Callable[[], object]

NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def pair() -> tuple[Replica, Replica]:
    """Two replicas of a document."""
    left = Replica(replica=1)
    return left, Replica(left.document, replica=2)


def exchange(left: Replica, right: Replica) -> None:
    """Hands each all that the other has."""
    left.apply(right.export(left.version))
    right.apply(left.export(right.version))
    assert left.to_json() == right.to_json()


def test_a_conflict_names_authors_and_times(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.set_time(NOON)
    left.set("color", "red")
    right.set("color", "blue")
    exchange(*pair)
    assert left.conflicts("color") == [
        Conflict("value", "blue", OpId(2, 0), None),
        Conflict("value", "red", OpId(1, 0), NOON),
    ]
    assert [conflict.author for conflict in left.conflicts("color")] == [2, 1]
    left.set_time(None)  # for edits from here on, behind the one that made the right one a member
    left.set("color", "green")
    assert left.conflicts("color") == [Conflict("value", "green", OpId(1, 2), None)]


def test_a_time_is_carried_until_it_changes() -> None:
    replica = Replica()
    for number in range(3):
        replica.set_time(NOON + timedelta(microseconds=number))
        replica.set(f"key{number}", number)
    with replica.transaction(time=NOON - timedelta(days=1)):
        replica.set("key3", 3)
    with replica.transaction():
        replica.set("key4", 4)
    times = [replica.conflicts(f"key{number}")[0].time for number in range(5)]
    assert times == [
        NOON,
        NOON + timedelta(microseconds=1),
        NOON + timedelta(microseconds=2),
        NOON - timedelta(days=1),
        NOON + timedelta(microseconds=2),
    ]


def test_a_container_that_lives_on_has_no_author(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.set("map.a", 1)
    exchange(*pair)
    left.remove("map")
    right.set("map.b", 2)
    exchange(*pair)
    (conflict,) = left.conflicts("map")
    assert (conflict.kind, conflict.value, conflict.id) == (Kind.MAP, None, None)
    assert conflict.author is None


def test_a_removal_that_wins_hides_what_was_set_meanwhile(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.set("door", "open")
    exchange(*pair)
    assert left.remove_wins("door") is True
    right.set("door", "ajar")
    exchange(*pair)
    for replica in pair:
        assert replica.get("door") is None
        assert replica.keys() == []
        assert [conflict.value for conflict in replica.conflicts("door")] == ["ajar"]
    assert left.remove_wins("nothing") is False
    right.set("door", "shut")
    exchange(*pair)
    assert left.get("door") == "shut"
    assert len(left.conflicts("door")) == 1


def test_a_removal_that_wins_is_of_keys_alone() -> None:
    replica = Replica()
    replica.insert_items("list", 0, ["a"])
    with pytest.raises(WrongKindError):
        replica.remove_wins("list.0")
    assert replica.get("list") == ["a"]


def test_a_clock_counts_what_touched_a_place(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.set("a.x", 1)
    left.set("b", 1)
    exchange(*pair)
    before = left.clock("a")
    assert before == right.clock("a")
    right.set("b", 2)
    assert right.clock("a") == before
    assert right.clock("a").compare(before) is Causality.EQUAL
    left.set("a.x", 2)
    right.set("a.y", 3)
    mine, theirs = left.clock("a"), right.clock("a")
    assert mine > before
    assert before < theirs
    assert mine.compare(theirs) is Causality.CONCURRENT
    assert not mine < theirs
    assert not mine > theirs
    exchange(*pair)
    assert left.clock("a") == right.clock("a") >= mine.join(theirs)
    assert left.clock("") == left.version


@pytest.mark.parametrize("name", ["text", "list", "counter", "set", "item"])
def test_every_edit_of_a_place_moves_its_clock(name: str) -> None:
    replica = Replica()
    replica.insert("text", 0, "abc")
    replica.insert_items("list", 0, [1, 2, Kind.MAP])
    replica.increment("counter")
    replica.add("set", 1)
    edits: dict[str, list[Edit]] = {
        "text": [lambda: replica.insert("text", 0, "x"), lambda: replica.delete("text", 0, 1)],
        "list": [
            lambda: replica.insert_items("list", 0, [0]),
            lambda: replica.set("list.0", 9),
            lambda: replica.move_item("list", 0, 1),
            lambda: replica.delete_items("list", 0),
            lambda: replica.set("list.2.key", 1),
        ],
        "counter": [lambda: replica.increment("counter"), lambda: replica.increment("counter", -1)],
        "set": [lambda: replica.add("set", 2), lambda: replica.discard("set", 1)],
        "item": [lambda: replica.set("list.2.key", 1), lambda: replica.set("list.2.key", 2)],
    }
    path = "list.2" if name == "item" else name
    for edit in edits[name]:
        before = replica.clock(path)
        edit()
        assert replica.clock(path).compare(before) is Causality.AFTER
        assert before.compare(replica.clock(path)) is Causality.BEFORE


def test_versions_compare() -> None:
    one, two = VersionVector({1: 1}), VersionVector({1: 1, 2: 1})
    assert one.compare(one) is Causality.EQUAL
    assert one.compare(two) is Causality.BEFORE
    assert two.compare(one) is Causality.AFTER
    assert one.compare(VersionVector({2: 1})) is Causality.CONCURRENT
    with pytest.raises(TypeError):
        one.compare({1: 1})  # type: ignore[arg-type]


def test_the_nodes_of_a_text_are_its_characters() -> None:
    replica = Replica(replica=1)
    replica.insert("text", 0, "ab")
    replica.insert("text", 1, "🌍")
    replica.delete("text", 0, 1)
    nodes = replica.nodes("text")
    assert nodes == [
        Node(OpId(1, 1), None, None, None, deleted=True),
        Node(OpId(1, 3), OpId(1, 1), OpId(1, 2), "🌍", deleted=False),
        Node(OpId(1, 2), OpId(1, 1), None, "b", deleted=False),
    ]


def test_the_nodes_of_a_list_are_its_items() -> None:
    replica = Replica(replica=1)
    replica.insert_items("list", 0, [None, Kind.MAP, "c"])
    replica.delete_items("list", 2)
    shown = [(node.content, node.deleted) for node in replica.nodes("list")]
    assert shown == [(None, False), (Kind.MAP, False), (None, True)]
    before = [node.id for node in replica.nodes("list")]
    replica.move_item("list", 0, 1)
    alive = [node for node in replica.nodes("list") if not node.deleted]
    assert [node.content for node in alive] == [Kind.MAP, None]
    assert alive[0].id == before[1]
    assert alive[1].id not in before


def test_only_a_sequence_has_nodes() -> None:
    replica = Replica()
    replica.set("map.key", 1)
    with pytest.raises(WrongKindError):
        replica.nodes("map")
    with pytest.raises(NotFoundError):
        replica.nodes("nothing")
    with pytest.raises(NotFoundError):
        replica.clock("nothing")


def test_what_a_replica_tells_travels_between_processes() -> None:
    replica = Replica(replica=1)
    with replica.transaction(message="m", time=NOON):
        replica.insert_items("list", 0, [Timestamp(2**62), Kind.MAP])
    told = [
        replica.conflicts("list.0"),
        replica.nodes("list"),
        replica.change((1, 0)),
        replica.items("list"),
        replica.clock("list"),
        replica.version.compare(replica.clock("list")),
    ]
    assert pickle.loads(pickle.dumps(told)) == told  # noqa: S301 - pickled in this very line
    assert copy.deepcopy(told) == told
