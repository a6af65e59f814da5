"""The limits of a replica: of what it writes, and of what it takes from others."""

from collections.abc import Callable
from typing import Any

import pytest

from libsync import DecodeError, Kind, Replica, TooDeepError, TooLongError


def by_load(**limits: Any) -> Replica:
    """A replica that was loaded with limits."""
    return Replica.load(Replica(replica=1).save(), 1, **limits)


def by_name(**limits: Any) -> Replica:
    """A new replica with limits."""
    return Replica(replica=1, **limits)


MAKERS = pytest.mark.parametrize("make", [by_name, by_load])
Make = Callable[..., Replica]


@MAKERS
def test_a_replica_writes_as_deep_as_it_may(make: Make) -> None:
    replica = make(max_depth=2)
    replica.set("a.b", 1)
    replica.insert_items("list", 0, [1])
    before = replica.save()
    calls: list[Callable[[], object]] = [
        lambda: replica.set("a.c.d", 1),
        lambda: replica.create("a.c.d", Kind.MAP),
        lambda: replica.insert("a.c.d", 0, "x"),
        lambda: replica.increment("a.c.d"),
        lambda: replica.add("a.c.d", 1),
    ]
    for call in calls:
        with pytest.raises(TooDeepError) as caught:
            call()
        assert caught.value.limit == 2
    assert replica.save() == before
    deep = Replica(replica.document, 2)
    deep.set("x.y.z", 1)
    replica.apply(deep.export())
    assert replica.get("x.y.z") == 1


def test_no_limit_goes_beyond_the_greatest_depth() -> None:
    replica = Replica(max_depth=10**9)
    with pytest.raises(TooDeepError) as caught:
        replica.set(["k"] * 1000, 1)
    assert caught.value.limit == 128


@MAKERS
def test_a_key_is_as_long_as_it_may_be(make: Make) -> None:
    replica = make(max_key_bytes=4)
    replica.set(["äö"], 1)
    before = replica.save()
    calls: list[Callable[[], object]] = [
        lambda: replica.set(["äöü"], 1),
        lambda: replica.set(["äöü", "a"], 1),
        lambda: replica.create(["äöü"], Kind.MAP),
        lambda: replica.insert(["äöü"], 0, "x"),
    ]
    for call in calls:
        with pytest.raises(TooLongError) as caught:
            call()
        assert caught.value.what == "key"
        assert (caught.value.length, caught.value.limit) == (6, 4)
        assert isinstance(caught.value, ValueError)
    assert replica.save() == before


@MAKERS
def test_a_value_is_as_long_as_it_may_be(make: Make) -> None:
    replica = make(max_value_bytes=4)
    replica.set("a", "äö")
    replica.set("b", b"1234")
    before = replica.save()
    calls: list[tuple[Callable[[], object], int]] = [
        (lambda: replica.set("a", "äöü"), 6),
        (lambda: replica.set("a", b"12345"), 5),
        (lambda: replica.add("set", "12345"), 5),
        (lambda: replica.insert_items("list", 0, ["ok", "12345"]), 5),
    ]
    for call, length in calls:
        with pytest.raises(TooLongError) as caught:
            call()
        assert caught.value.what == "value"
        assert (caught.value.length, caught.value.limit) == (length, 4)
    assert replica.save() == before


@MAKERS
def test_a_frame_is_as_long_as_it_may_be(make: Make) -> None:
    replica = make(max_frame_bytes=150)
    other = Replica(replica.document, 2)
    other.set("a", "x")
    assert replica.apply(other.export()).changes == 1
    before = other.version
    other.set("a", "x" * 150)
    with pytest.raises(DecodeError) as caught:
        replica.apply(other.export(before))
    assert caught.value.reason == "limit"
    assert replica.get("a") == "x"


def test_a_long_document_is_not_loaded() -> None:
    replica = Replica()
    replica.set("a", "x" * 1000)
    with pytest.raises(DecodeError) as caught:
        Replica.load(replica.save(), max_frame_bytes=1000)
    assert caught.value.reason == "limit"
    assert Replica.load(replica.save(), max_frame_bytes=4000).get("a") == "x" * 1000


@pytest.mark.parametrize("limit", ["max_depth", "max_key_bytes", "max_value_bytes"])
@pytest.mark.parametrize("make", [by_name, by_load])
def test_a_limit_is_a_whole_number(make: Make, limit: str) -> None:
    with pytest.raises(OverflowError):
        make(**{limit: -1})
    with pytest.raises(TypeError):
        make(**{limit: 1.5})
    with pytest.raises(TypeError, match="max_nothing"):
        make(max_nothing=1)
