"""Lists: items that are values or containers, inserted, set, moved and deleted."""

from collections.abc import Iterator
from typing import Any

import pytest

from libsync import (
    IndexOutOfBoundsError,
    Kind,
    NotFoundError,
    Replica,
    RootError,
    WrongKindError,
)


@pytest.fixture
def pair() -> tuple[Replica, Replica]:
    """Two replicas with one list, `abc`."""
    left = Replica(replica=1)
    right = Replica(left.document, replica=2)
    left.insert_items("list", 0, ["a", "b", "c"])
    right.apply(left.export())
    return left, right


def exchange(left: Replica, right: Replica) -> Any:
    """Hands each all that the other has; what both show then."""
    left.apply(right.export(left.version))
    right.apply(left.export(right.version))
    assert left.to_json() == right.to_json()
    return left.get("list")


def test_items_are_inserted_and_deleted() -> None:
    replica = Replica()
    replica.insert_items("list", 0, ["a", None, 2])
    replica.insert_items("list", 1, [True])
    assert replica.get("list") == ["a", True, None, 2]
    assert replica.items("list") == ["a", True, None, 2]
    assert replica.len("list") == 4
    replica.delete_items("list", 1, 2)
    assert replica.get("list") == ["a", 2]
    replica.delete_items("list", 1)
    replica.delete_items("list", 0, length=1)
    assert replica.get("list") == []
    assert replica.to_json() == '{"list":[]}'


def test_items_come_from_any_iterable() -> None:
    def numbers() -> Iterator[int]:
        yield from range(3)

    replica = Replica()
    for items in ((0, 1, 2), range(3), numbers(), {0: "", 1: "", 2: ""}):
        replica.insert_items("list", 0, items)
        assert replica.get("list") == [0, 1, 2]
        replica.delete_items("list", 0, 3)


@pytest.mark.parametrize("items", ["abc", b"abc", bytearray(b"abc"), memoryview(b"abc"), 7, None])
def test_one_item_is_no_iterable_of_items(items: Any) -> None:
    replica = Replica()
    with pytest.raises(TypeError, match="an iterable of values, such as a list: not"):
        replica.insert_items("list", 0, items)
    assert replica.to_json() == "{}"


def test_a_wrong_item_inserts_nothing() -> None:
    replica = Replica()
    with pytest.raises(TypeError, match="not list"):
        replica.insert_items("list", 0, ["a", ["b"]])  # type: ignore[list-item]
    with pytest.raises(OverflowError):
        replica.insert_items("list", 0, [1, 2**63])

    def broken() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replica.insert_items("list", 0, broken())
    assert replica.to_json() == "{}"


def test_an_item_may_be_any_container() -> None:
    replica = Replica()
    replica.insert_items("list", 0, list(Kind))
    assert replica.items("list") == list(Kind)
    assert all(type(item) is Kind for item in replica.items("list"))
    replica.set("list.0.key", 1)
    replica.insert("list.1", 0, "text")
    replica.insert_items(["list", 2], 0, ["inner"])
    replica.increment("list.3", -2)
    replica.increment("list.4", 2)
    replica.add("list.5", "x")
    replica.add("list.6", "y")
    shown = [{"key": 1}, "text", ["inner"], -2, 2, ["x"], ["y"]]
    assert replica.get("list") == shown
    assert Replica.load(replica.save()).to_python() == {"list": shown}


def test_a_word_in_a_list_is_a_value() -> None:
    replica = Replica()
    replica.insert_items("list", 0, ["map", Kind.MAP])
    assert replica.to_json() == '{"list":["map",{}]}'


def test_an_item_is_set_created_and_removed() -> None:
    replica = Replica()
    replica.insert_items("list", 0, ["a", "b", "c"])
    replica.set("list.1", "B")
    replica.create("list.2", Kind.COUNTER)
    replica.create("list.-", Kind.TEXT)
    assert replica.get("list") == ["a", "B", 0, ""]
    assert replica.remove("list.0") is True
    assert replica.get("list") == ["B", 0, ""]
    assert replica.remove("list.7") is False


def test_an_item_is_moved_with_what_is_in_it(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.move_item("list", 0, 2)
    assert left.get("list") == ["b", "c", "a"]
    left.move_item("list", 2, to=0)
    assert left.get("list") == ["a", "b", "c"]
    left.move_item("list", 1, 1)
    assert left.get("list") == ["a", "b", "c"]
    left.create("list.0", Kind.MAP)
    exchange(left, right)
    left.move_item("list", 0, 1)
    right.set("list.0.key", "edited")
    assert exchange(left, right) == ["b", {"key": "edited"}, "c"]


def test_moves_at_the_same_time_move_once(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.move_item("list", 0, 1)
    right.move_item("list", 0, 2)
    assert exchange(left, right) == ["b", "c", "a"]


def test_what_is_set_survives_a_deletion(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.delete_items("list", 0, 3)
    right.set("list.1", "set")
    assert exchange(left, right) == ["set"]


def test_what_is_deleted_is_not_moved_back(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    left.delete_items("list", 0)
    right.move_item("list", 0, 2)
    assert exchange(left, right) == ["b", "c"]


def test_runs_are_not_interleaved(pair: tuple[Replica, Replica]) -> None:
    left, right = pair
    for index in range(3):
        left.insert_items("list", index, [f"left {index}"])
        right.insert_items("list", index, [f"right {index}"])
    shown = exchange(left, right)
    assert shown[3:] in (
        ["right 0", "right 1", "right 2", "a", "b", "c"],
        ["left 0", "left 1", "left 2", "a", "b", "c"],
    )


def test_indices_beyond_the_list(pair: tuple[Replica, Replica]) -> None:
    replica, _ = pair
    before = replica.save()
    calls: list[tuple[Any, int]] = [
        (lambda: replica.insert_items("list", 4, ["x"]), 4),
        (lambda: replica.delete_items("list", 1, 3), 4),
        (lambda: replica.delete_items("list", 3), 4),
        (lambda: replica.move_item("list", 3, 0), 3),
        (lambda: replica.move_item("list", 0, 3), 3),
        (lambda: replica.set("list.3", "x"), 3),
    ]
    for call, index in calls:
        with pytest.raises(IndexOutOfBoundsError) as caught:
            call()
        assert isinstance(caught.value, IndexError)
        assert (caught.value.path, caught.value.index, caught.value.length) == ("/list", index, 3)
    for index in (-1, 2**64):
        for call in (
            lambda index: replica.insert_items("list", index, ["x"]),
            lambda index: replica.delete_items("list", index),
            lambda index: replica.delete_items("list", 0, index),
            lambda index: replica.move_item("list", index, 0),
            lambda index: replica.move_item("list", 0, index),
        ):
            with pytest.raises(IndexOutOfBoundsError, match=str(index)):
                call(index)
    with pytest.raises(IndexOutOfBoundsError):
        replica.delete_items("list", 2**64 - 1, 2**64 - 1)
    assert replica.get("list.3") is None
    assert replica.save() == before


def test_only_a_list_is_a_list() -> None:
    replica = Replica()
    replica.insert("text", 0, "abc")
    for call in (
        replica.items,
        lambda path: replica.insert_items(path, 0, [1]),
        lambda path: replica.delete_items(path, 0),
        lambda path: replica.move_item(path, 0, 0),
    ):
        with pytest.raises(WrongKindError) as caught:
            call("text")
        assert (caught.value.expected, caught.value.found) == (Kind.LIST, Kind.TEXT)
    for call in (
        replica.items,
        lambda path: replica.delete_items(path, 0),
        lambda path: replica.move_item(path, 0, 0),
    ):
        with pytest.raises(NotFoundError):
            call("nothing")
    with pytest.raises((RootError, WrongKindError)):
        replica.insert_items("", 0, [1])
