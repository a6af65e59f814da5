"""Errors are exceptions with what a program needs to go on."""

import pickle
from typing import Any

import pytest

import libsync
from libsync import (
    DecodeError,
    LibsyncError,
    LineageError,
    NotFoundError,
    OpId,
    OtherDocumentError,
    OutOfBoundsError,
    Replica,
    ReplicaIdReusedError,
    RootError,
    VersionVector,
    WrongKindError,
)


@pytest.fixture
def replica() -> Replica:
    """A replica with a value, a map and a text."""
    replica = Replica(replica=1)
    replica.set("map.value", 7)
    replica.insert("text", 0, "abc")
    return replica


def test_all_exceptions_have_one_root() -> None:
    classes = [
        value
        for value in vars(libsync).values()
        if isinstance(value, type) and issubclass(value, BaseException)
    ]
    assert len(classes) == 40
    assert all(issubclass(each, LibsyncError) for each in classes)
    assert issubclass(DecodeError, ValueError)
    assert issubclass(NotFoundError, KeyError)
    assert issubclass(WrongKindError, TypeError)
    assert issubclass(OutOfBoundsError, IndexError)


def test_nothing_where_something_is_needed(replica: Replica) -> None:
    for call in (replica.keys, replica.text, replica.text_len):
        with pytest.raises(NotFoundError) as caught:
            call("map.a/b")
        assert caught.value.path == "/map/a~1b"
        assert str(caught.value) == "there is nothing at `/map/a~1b`"
    with pytest.raises(NotFoundError):
        replica.delete("nothing", 0, 1)


def test_the_wrong_kind_of_content(replica: Replica) -> None:
    wrong: list[tuple[Any, str, str, str]] = [
        (lambda: replica.text("map"), "/map", "text", "map"),
        (lambda: replica.text_len("map.value"), "/map/value", "text", "value"),
        (lambda: replica.insert("map", 0, "x"), "/map", "text", "map"),
        (lambda: replica.delete("map.value", 0, 1), "/map/value", "text", "value"),
        (lambda: replica.keys("text"), "/text", "map", "text"),
        (lambda: replica.set("text.key", 1), "/text", "map", "text"),
        (lambda: replica.set("map.value.key", 1), "/map/value", "map", "value"),
    ]
    before = replica.save()
    for call, path, expected, found in wrong:
        with pytest.raises(WrongKindError) as caught:
            call()
        assert (caught.value.path, caught.value.expected, caught.value.found) == (
            path,
            expected,
            found,
        )
    assert replica.save() == before


def test_the_root_stays(replica: Replica) -> None:
    for call in (lambda: replica.set("", 1), lambda: replica.remove("")):
        with pytest.raises(RootError):
            call()


def test_positions_beyond_the_text(replica: Replica) -> None:
    with pytest.raises(OutOfBoundsError) as caught:
        replica.insert("text", 4, "x")
    assert (caught.value.start, caught.value.end, caught.value.length) == (4, 4, 3)
    with pytest.raises(OutOfBoundsError) as caught:
        replica.delete("text", 1, 3)
    assert (caught.value.start, caught.value.end, caught.value.length) == (1, 4, 3)
    for position in (-1, 2**64, -(2**200)):
        with pytest.raises(OutOfBoundsError, match=str(position)):
            replica.insert("text", position, "x")
        with pytest.raises(OutOfBoundsError):
            replica.delete("text", position, 1)
        with pytest.raises(OutOfBoundsError):
            replica.delete("text", 0, position)
    with pytest.raises(OutOfBoundsError):
        replica.delete("text", 2**64 - 1, 2**64 - 1)
    with pytest.raises(TypeError):
        replica.insert("text", 1.5, "x")  # type: ignore[arg-type]
    assert replica.text("text") == "abc"


def test_damaged_bytes_say_what_and_where(replica: Replica) -> None:
    change = replica.export()
    other = Replica(replica.document, 2)
    with pytest.raises(DecodeError) as caught:
        other.apply(change[:-1])
    assert caught.value.reason in {"truncated", "checksum"}
    with pytest.raises(DecodeError) as caught:
        other.apply(b"")
    assert (caught.value.reason, caught.value.offset) == ("truncated", 0)
    with pytest.raises(DecodeError) as caught:
        other.apply(change[:-1] + bytes([change[-1] ^ 1]))
    assert caught.value.reason == "checksum"
    with pytest.raises(DecodeError) as caught:
        other.apply(replica.save())
    assert caught.value.reason == "wrong_frame"
    assert other.version == VersionVector()


def test_bytes_of_another_document(replica: Replica) -> None:
    stranger = Replica(replica=2)
    stranger.set("a", 1)
    for call, data in (
        (replica.apply, stranger.export()),
        (replica.apply_acknowledgement, stranger.acknowledge()),
        (replica.export, stranger.encode_version()),
    ):
        with pytest.raises(OtherDocumentError) as caught:
            call(data)
        assert isinstance(caught.value, LineageError)
        assert caught.value.ours == replica.document
        assert caught.value.theirs == stranger.document


def test_a_reused_replica_id() -> None:
    one = Replica(replica=1)
    two = Replica(one.document, replica=1)
    one.set("a", "one")
    two.set("a", "two")
    with pytest.raises(ReplicaIdReusedError) as caught:
        one.apply(two.export())
    assert caught.value.change == OpId(1, 0)
    assert one.get("a") == "one"


def test_exceptions_travel_between_processes(replica: Replica) -> None:
    with pytest.raises(OutOfBoundsError) as caught:
        replica.insert("text", 4, "x")
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - pickled in this very line
    assert type(error) is OutOfBoundsError
    assert (str(error), error.length) == (str(caught.value), 3)


def test_an_exception_may_be_raised_by_programs_too() -> None:
    assert str(NotFoundError("nothing")) == "nothing"
    assert str(LibsyncError()) == ""
