"""Damaged and hostile bytes raise a `LibsyncError`, or do no harm."""

import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libsync import (
    DecodeError,
    InvalidChangeError,
    Kind,
    LibsyncError,
    OpId,
    OtherDocumentError,
    OtherEpochError,
    Replica,
)


def sample() -> Replica:
    """A small document with some of everything."""
    replica = Replica(bytes(range(16)), 1)
    replica.join(2)
    replica.set("map.number", -5)
    replica.set("map.bytes", b"\x00\xff")
    replica.insert("text", 0, "Grüße")
    replica.delete("text", 1, 2)
    replica.set("map.number", 1.5)
    replica.remove("map.bytes")
    replica.set_time(datetime(1969, 7, 20, tzinfo=UTC))
    replica.insert_items("list", 0, ["a", Kind.MAP, None, 2])
    replica.move_item("list", 0, 2)
    replica.delete_items("list", 2)
    replica.set(["list", 0, "key"], datetime(2025, 1, 2, tzinfo=UTC))
    replica.increment("counter", 3)
    replica.remove("counter")
    replica.increment("counter", -3)
    replica.add("set", "x")
    replica.discard("set", "x")
    with replica.transaction(message="grown", origin="sample"):
        replica.create("grown.counter", Kind.GROW_ONLY_COUNTER)
        replica.increment("grown.counter")
        replica.create("grown.set", Kind.GROW_ONLY_SET)
        replica.add("grown.set", 1.5)
    replica.remove_wins("map")
    return replica


SAMPLE = sample()
FRAMES = {
    "saved": SAMPLE.save(),
    "change": SAMPLE.export(),
    "version": SAMPLE.encode_version(),
    "acknowledgement": SAMPLE.acknowledge(),
}


def reader() -> Replica:
    """A replica that the frames are handed to."""
    return Replica(SAMPLE.document, 2)


def shown_by(replica: Replica) -> str:
    """What a replica shows, and shows again after a restart and after pruning."""
    shown = replica.to_json()
    loaded = Replica.load(replica.save())
    assert loaded.to_json() == shown
    loaded.prune()
    assert loaded.to_json() == shown
    return shown


def shown_by_load(data: bytes) -> str:
    """What a document shows that was loaded from these bytes."""
    return shown_by(Replica.load(data))


def shown_by_apply(data: bytes) -> str:
    """What a replica shows that applied these bytes; it must be unchanged by an error."""
    replica = reader()
    try:
        replica.apply(data)
    except LibsyncError:
        assert replica.to_json() == "{}"
        assert replica.version == reader().version
        raise
    return shown_by(replica)


def shown_by_export(data: bytes) -> str:
    """What a replica shows that was handed the changes since the version in these bytes."""
    replica = reader()
    replica.apply(SAMPLE.export(data))
    return replica.to_json()


def shown_by_acknowledgement(data: bytes) -> str:
    """What a replica shows that took these bytes for an acknowledgement."""
    replica = reader()
    replica.apply_acknowledgement(data)
    return replica.to_json()


READERS: dict[str, Callable[[bytes], str]] = {
    "saved": shown_by_load,
    "change": shown_by_apply,
    "version": shown_by_export,
    "acknowledgement": shown_by_acknowledgement,
}


def damaged(frame: bytes) -> Iterator[bytes]:
    """Every beginning of a frame, the frame with every bit flipped, and with a byte more."""
    for length in range(len(frame)):
        yield frame[:length]
    for bit in range(8 * len(frame)):
        flipped = bytearray(frame)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)
    for byte in range(256):
        yield frame + bytes([byte])


@pytest.mark.parametrize("kind", FRAMES)
def test_damage_is_an_error_or_the_same_document(kind: str) -> None:
    read = READERS[kind]
    sound = read(FRAMES[kind])
    refused = 0
    for data in damaged(FRAMES[kind]):
        try:
            assert read(data) == sound
        except LibsyncError:
            refused += 1
    assert refused >= 9 * len(FRAMES[kind])


def sealed(frame: bytes) -> bytes:
    """A frame with a checksum that fits: a byte string of 4 bytes at its end."""
    covered = frame[:-5]
    return covered + b"\x44" + zlib.crc32(covered).to_bytes(4, "big")


@pytest.mark.parametrize("kind", FRAMES)
def test_forgery_is_an_error_or_a_sound_document(kind: str) -> None:
    read = READERS[kind]
    assert sealed(FRAMES[kind]) == FRAMES[kind]
    raised = set()
    for data in map(sealed, damaged(FRAMES[kind])):
        try:
            read(data)
        except LibsyncError as error:
            raised.add(type(error))
    assert DecodeError in raised
    # A document is loaded under whatever identity it has; all else is for this one alone.
    assert ({OtherDocumentError, OtherEpochError} <= raised) == (kind != "saved")


def test_an_invalid_change_says_what_is_wrong() -> None:
    errors = []
    for data in map(sealed, damaged(FRAMES["change"])):
        try:
            reader().apply(data)
        except InvalidChangeError as error:
            errors.append(error)
        except LibsyncError:
            pass
    assert errors
    assert all(error.reason and isinstance(error.change, OpId) for error in errors)


@pytest.mark.parametrize("read", READERS.values())
@given(data=st.binary(max_size=200))
def test_noise_is_an_error(read: Callable[[bytes], str], data: bytes) -> None:
    with pytest.raises(LibsyncError):
        read(data)


@pytest.mark.parametrize("kind", FRAMES)
@given(data=st.data())
def test_frames_pieced_together_are_an_error(kind: str, data: st.DataObject) -> None:
    read = READERS[kind]
    frame = FRAMES[data.draw(st.sampled_from(list(FRAMES)))]
    start = data.draw(st.integers(0, len(frame)))
    end = data.draw(st.integers(start, len(frame)))
    piece = frame[:start] + data.draw(st.binary(max_size=20)) + frame[end:]
    if piece != FRAMES[kind]:
        with pytest.raises(LibsyncError):
            read(piece)


def test_a_frame_of_one_kind_is_no_other() -> None:
    for kind, read in READERS.items():
        for other, frame in FRAMES.items():
            if other != kind:
                with pytest.raises(LibsyncError):
                    read(frame)
