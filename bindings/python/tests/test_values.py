"""What a register holds, from Python and back."""

import array
import enum
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libsync import Kind, Replica

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
)


class Color(enum.IntEnum):
    """A number with a name."""

    RED = 3


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    replica = Replica()
    replica.set("key", value)
    for shown in (
        replica.get("key"),
        replica.to_python()["key"],
        replica.conflicts("key")[0].value,
        Replica.load(replica.save()).get("key"),
    ):
        assert type(shown) is type(value)
        # The repr tells 0.0 from -0.0, and finds NaN equal to itself.
        assert repr(shown) == repr(value)


def test_any_bytes_are_bytes() -> None:
    replica = Replica()
    for value in (bytearray(b"abc"), memoryview(b"abc"), memoryview(b"a-b-c")[::2]):
        replica.set("key", value)
        assert replica.get("key") == b"abc"


def test_subclasses_of_values_are_values() -> None:
    replica = Replica()
    replica.set("color", Color.RED)
    assert replica.get("color") == 3
    assert type(replica.get("color")) is int


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**100])
def test_an_int_beyond_64_bits_is_refused(value: int) -> None:
    replica = Replica()
    with pytest.raises(OverflowError, match="64 bits"):
        replica.set("key", value)
    assert replica.to_json() == "{}"


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        (1,),
        {1},
        object(),
        Decimal(1),
        1j,
        array.array("i", [1]),
        date(2025, 1, 2),
        Kind.MAP,
    ],
)
def test_what_is_no_value_is_refused(value: Any) -> None:
    replica = Replica()
    for call in (replica.set, replica.add):
        with pytest.raises(TypeError, match=f"not {type(value).__name__}; .*create it"):
            call("key", value)
    assert replica.to_json() == "{}"


def test_a_kind_is_named_by_its_member_or_its_word() -> None:
    for kind in Kind:
        for name in (kind, kind.value):
            replica = Replica()
            replica.create("place", name)
            (conflict,) = replica.conflicts("place")
            assert conflict.kind is kind
    replica = Replica()
    with pytest.raises(ValueError, match=r'one of map, text, list.*not "register"'):
        replica.create("place", "register")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"a member of Kind.*not int"):
        replica.create("place", 2)  # type: ignore[arg-type]


def test_a_lone_surrogate_is_no_text() -> None:
    replica = Replica()
    replica.insert("text", 0, "ab")
    before = replica.to_json()
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed") as caught:
        replica.set("key", "ab\ud800")
    assert caught.value.start == 2
    with pytest.raises(UnicodeEncodeError):
        replica.insert("text", 1, "\udfff")
    with pytest.raises(UnicodeEncodeError):
        replica.set("k\ud800y", 1)
    with pytest.raises(UnicodeEncodeError):
        replica.set(["k\ud800y"], 1)
    with pytest.raises(UnicodeEncodeError):
        Replica(replica="\ud800")
    assert replica.to_json() == before
