"""How a place is named."""

from collections import UserList, deque
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libsync import (
    IndexOutOfBoundsError,
    Kind,
    NotAnIndexError,
    PathError,
    Replica,
    TooDeepError,
    WrongKindError,
)

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@pytest.mark.parametrize(
    "path",
    [
        "a.b",
        "/a/b",
        ["a", "b"],
        ("a", "b"),
        deque(["a", "b"]),
        UserList(["a", "b"]),
    ],
)
def test_all_forms_name_the_same_place(path: str | Sequence[str]) -> None:
    replica = Replica()
    replica.set(path, 1)
    assert replica.to_json() == '{"a":{"b":1}}'
    assert replica.get(path) == 1


def test_the_root_has_three_names() -> None:
    replica = Replica()
    replica.set("a", 1)
    roots: list[str | Sequence[str]] = ["", [], ()]
    for root in roots:
        assert replica.keys(root) == ["a"]


@given(st.lists(KEYS, min_size=1, max_size=4))
def test_a_sequence_names_any_key(keys: list[str]) -> None:
    replica = Replica()
    replica.set(keys, 1)
    shown: Any = replica.to_python()
    for key in keys:
        assert list(shown) == [key]
        shown = shown[key]
    assert shown == 1
    pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
    assert replica.get(pointer) == 1


@pytest.mark.parametrize(("path", "at"), [("a..b", 2), ("a.", 2), ("/a~2", 2), ("a\\b", 1)])
def test_what_is_no_path_says_where(path: str, at: int) -> None:
    replica = Replica()
    with pytest.raises(PathError) as caught:
        replica.set(path, 1)
    assert caught.value.at == at
    assert isinstance(caught.value, ValueError)
    with pytest.raises(PathError):
        replica.get(path)


@pytest.mark.parametrize(
    "path",
    [
        None,
        7,
        b"a.b",
        bytearray(b"a"),
        memoryview(b"a"),
        ["a", 1.0],
        [True],
        [b"a"],
        {"a": 1},
        {"a"},
    ],
)
def test_what_is_no_text_is_no_path(path: Any) -> None:
    replica = Replica()
    with pytest.raises(TypeError, match="a str or a sequence of keys"):
        replica.set(path, 1)


def test_a_path_may_not_be_deeper_than_the_limit() -> None:
    replica = Replica()
    with pytest.raises(TooDeepError) as caught:
        replica.set(["key"] * 10_000, 1)
    limit = caught.value.limit
    deepest = ["key"] * limit
    replica.set(deepest, 1)
    assert replica.get(deepest) == 1
    shown: Any = replica.to_python()
    for _ in range(limit):
        shown = shown["key"]
    assert shown == 1
    with pytest.raises(TooDeepError):
        replica.set(["key"] * (limit + 1), 1)


def test_items_are_named_by_their_index() -> None:
    replica = Replica()
    replica.insert_items("todos", 0, ["milk", Kind.MAP, Kind.LIST])
    named: list[str | Sequence[str | int]] = ["todos.1.title", ["todos", 1, "title"]]
    named += ["/todos/1/title", ["todos", "1", "title"]]
    for path in named:
        replica.set(path, "bread")
        assert replica.get(path) == "bread"
        replica.remove(path)
    replica.set(["todos", 2, "-"], "inner")
    replica.set("/todos/-/title", "salt")
    assert replica.get("todos") == ["milk", {}, ["inner"], {"title": "salt"}]
    assert replica.get(["todos", 2, 0]) == "inner"


def test_what_is_no_index_is_refused() -> None:
    replica = Replica()
    replica.insert_items("todos", 0, ["milk"])
    before = replica.save()
    for path in ("todos.first", "todos.00", "todos.+0", "todos.-1"):
        for call in (replica.get, lambda path: replica.set(path, 1)):
            with pytest.raises(NotAnIndexError) as caught:
                call(path)
            assert caught.value.path == "/" + path.replace(".", "/")
            assert isinstance(caught.value, TypeError)
    for index in (-1, 2**64, -(2**200)):
        with pytest.raises(IndexOutOfBoundsError, match=f"{index} is out of bounds of every list"):
            replica.get(["todos", index])
    with pytest.raises(IndexOutOfBoundsError) as beyond:
        replica.set(["todos", 1], "bread")
    assert (beyond.value.path, beyond.value.index, beyond.value.length) == ("/todos", 1, 1)
    with pytest.raises(WrongKindError) as in_map:
        replica.set([0], 1)
    assert (in_map.value.path, in_map.value.found) == ("", Kind.MAP)
    assert replica.save() == before


def test_keys_of_a_map_may_be_numbers() -> None:
    replica = Replica()
    replica.set("map.0", 1)
    replica.set(["map", "-"], 2)
    assert replica.get("map") == {"-": 2, "0": 1}
