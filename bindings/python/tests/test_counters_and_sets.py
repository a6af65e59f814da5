"""Counters that lose no increment, and sets in which adding wins."""

from typing import Any

import pytest

from libsync import (
    CounterOverflowError,
    GrowOnlyError,
    Kind,
    NotFoundError,
    Replica,
    Timestamp,
    WrongKindError,
)

LAST = 2**63 - 1


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


def test_a_counter_counts_in_both_directions() -> None:
    replica = Replica()
    replica.increment("n")
    replica.increment("n", 5)
    replica.increment("n", delta=-8)
    replica.increment("n", 0)
    assert replica.count("n") == replica.get("n") == -2
    assert replica.to_json() == '{"n":-2}'
    assert Replica.load(replica.save()).count("n") == -2


def test_increments_at_the_same_time_all_count(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.increment("n", 3)
    right.increment("n", 4)
    exchange(*pair)
    assert left.count("n") == 7


def test_a_removed_counter_keeps_what_the_remover_had_not_seen(
    pair: tuple[Replica, Replica],
) -> None:
    left, right = pair
    left.increment("n", 3)
    exchange(*pair)
    left.remove("n")
    right.increment("n", 4)
    exchange(*pair)
    assert right.count("n") == 4


def test_a_counter_has_64_bits(pair: tuple[Replica, Replica]) -> None:
    replica, _ = pair
    replica.increment("n", LAST)
    before = replica.save()
    with pytest.raises(CounterOverflowError) as caught:
        replica.increment("n")
    assert caught.value.path == "/n"
    assert isinstance(caught.value, OverflowError)
    with pytest.raises(OverflowError):
        replica.increment("m", 2**63)
    with pytest.raises(TypeError):
        replica.increment("m", 1.5)  # type: ignore[arg-type]
    assert replica.save() == before


def test_a_counter_that_all_overflow_together_comes_back(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.increment("n", LAST)
    right.increment("n", LAST)
    exchange(*pair)
    assert left.count("n") == LAST
    with pytest.raises(CounterOverflowError):
        left.increment("n")
    left.increment("n", -LAST)
    right.increment("n", -5)
    exchange(*pair)
    assert left.count("n") == LAST - 5


def test_only_a_counter_counts() -> None:
    replica = Replica()
    replica.set("value", 1)
    for call in (replica.count, replica.increment):
        with pytest.raises(WrongKindError) as caught:
            call("value")
        assert (caught.value.expected, caught.value.found) == (Kind.COUNTER, "value")
    with pytest.raises(NotFoundError):
        replica.count("nothing")


def test_what_is_grow_only_is_never_taken_away() -> None:
    replica = Replica()
    replica.create("map.n", Kind.GROW_ONLY_COUNTER)
    replica.increment("map.n", 2)
    replica.create("map.s", Kind.GROW_ONLY_SET)
    assert replica.add("map.s", "x") is True
    replica.insert_items("list", 0, [Kind.GROW_ONLY_SET])
    replica.add("list.0", "y")
    before = replica.save()
    calls: list[tuple[Any, str]] = [
        (lambda: replica.increment("map.n", -1), "/map/n"),
        (lambda: replica.remove("map.n"), "/map/n"),
        (lambda: replica.remove_wins("map.n"), "/map/n"),
        (lambda: replica.set("map.n", 0), "/map/n"),
        (lambda: replica.create("map.n", Kind.COUNTER), "/map/n"),
        (lambda: replica.discard("map.s", "x"), "/map/s"),
        (lambda: replica.discard("map.s", "y"), "/map/s"),
    ]
    for call, path in calls:
        with pytest.raises(GrowOnlyError) as caught:
            call()
        assert caught.value.path == path
    for call in (
        lambda: replica.remove("map"),
        lambda: replica.set("map", 0),
        lambda: replica.delete_items("list", 0),
        lambda: replica.remove("list.0"),
        lambda: replica.set("list.0", 0),
        lambda: replica.remove("list"),
    ):
        with pytest.raises(GrowOnlyError):
            call()
    assert replica.save() == before
    assert replica.to_python() == {"list": [["y"]], "map": {"n": 2, "s": ["x"]}}
    replica.increment("map.n", 0)
    assert replica.count("map.n") == 2


def test_a_set_holds_each_value_once() -> None:
    replica = Replica()
    assert replica.add("s", "b") is True
    assert replica.add("s", "a") is True
    assert replica.add("s", "b") is False
    assert replica.elements("s") == replica.get("s") == ["a", "b"]
    assert replica.len("s") == 2
    assert replica.contains("s", "a")
    assert not replica.contains("s", "c")
    assert replica.discard("s", "a") is True
    assert replica.discard("s", "a") is False
    assert replica.elements("s") == ["b"]


def test_elements_are_listed_in_one_order() -> None:
    nan = float("nan")
    order: list[Any] = [None, False, True, -3, 0, 7, float("-inf"), -0.0, 0.0, 1.5, float("inf")]
    order += [nan, "", "a", "b", b"", b"\xff", Timestamp(-(2**63))]
    replica = Replica()
    for value in reversed(order):
        assert replica.add("s", value) is True
        assert replica.add("s", value) is False
        assert replica.contains("s", value)
    shown = replica.elements("s")
    assert [(type(each), repr(each)) for each in shown] == [
        (type(each), repr(each)) for each in order
    ]
    for value in order:
        assert replica.discard("s", value) is True
    assert replica.elements("s") == []


def test_a_value_is_an_element_as_its_type() -> None:
    replica = Replica()
    same: list[Any] = [1, 1.0, True]
    assert [replica.add("s", value) for value in same] == [True, True, True]
    assert replica.to_json() == '{"s":[true,1,1.0]}'
    assert replica.discard("s", 1.0)
    assert not replica.contains("s", 1.0)
    assert replica.contains("s", 1)


def test_adding_wins_over_discarding(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.add("s", "x")
    left.add("s", "y")
    exchange(*pair)
    left.discard("s", "x")
    right.add("s", "x")
    left.discard("s", "y")
    right.discard("s", "y")
    exchange(*pair)
    assert right.elements("s") == ["x"]


def test_only_a_set_has_elements() -> None:
    replica = Replica()
    replica.insert_items("list", 0, [1])
    for call in (
        replica.elements,
        lambda path: replica.contains(path, 1),
        lambda path: replica.add(path, 1),
        lambda path: replica.discard(path, 1),
    ):
        with pytest.raises(WrongKindError) as caught:
            call("list")
        assert (caught.value.expected, caught.value.found) == (Kind.SET, Kind.LIST)
    for call in (replica.elements, lambda path: replica.contains(path, 1)):
        with pytest.raises(NotFoundError):
            call("nothing")


def test_the_length_is_that_of_maps_lists_and_sets() -> None:
    replica = Replica()
    replica.set("map.a", 1)
    replica.insert_items("list", 0, [1, 2])
    replica.add("set", 1)
    replica.insert("text", 0, "abc")
    assert [replica.len(path) for path in ("", "map", "list", "set")] == [4, 1, 2, 1]
    with pytest.raises(WrongKindError):
        replica.len("text")
    with pytest.raises(NotFoundError):
        replica.len("nothing")
