"""Changes on their way between replicas."""

from typing import Any

import pytest

from libsync import Applied, InboxFullError, OpId, Replica, VersionVector


def test_replicas_converge_through_bytes() -> None:
    phone = Replica(replica="phone")
    laptop = Replica(phone.document, "laptop")
    phone.set("user.profile.avatar", "ada.png")
    laptop.insert("user.profile.bio", 0, "Mathematician")
    phone.apply(laptop.export(since=phone.version))
    laptop.apply(phone.export(since=laptop.version))
    assert phone.to_json() == laptop.to_json()
    assert phone.version == laptop.version
    assert phone.to_python() == {"user": {"profile": {"avatar": "ada.png", "bio": "Mathematician"}}}


def test_a_version_is_named_in_three_ways() -> None:
    writer = Replica(replica=1)
    writer.set("a", 1)
    reader = Replica(writer.document, 2)
    assert writer.export() == writer.export(VersionVector()) == writer.export(None)
    assert writer.export(reader.version) == writer.export(reader.encode_version())
    reader.apply(writer.export())
    writer.set("b", 2)
    since = writer.export(reader.version)
    assert since == writer.export(reader.encode_version())
    assert since == writer.export(memoryview(bytearray(reader.encode_version())))
    assert since == writer.export(VersionVector(dict(reader.version)))
    assert len(since) < len(writer.export())
    with pytest.raises(TypeError, match="bytes-like object is needed: not dict"):
        writer.export({1: 1})  # type: ignore[arg-type]


def test_what_arrives_twice_counts_once() -> None:
    writer = Replica(replica=1)
    writer.insert("text", 0, "abc")
    reader = Replica(writer.document, 2)
    change = writer.export()
    assert reader.apply(change) == Applied(changes=1, duplicates=0, held=0, refused=())
    assert reader.apply(change) == Applied(changes=0, duplicates=1, held=0, refused=())
    assert writer.apply(change).duplicates == 1
    assert reader.text("text") == "abc"


def test_a_change_waits_for_what_it_depends_on() -> None:
    writer = Replica(replica=1)
    reader = Replica(writer.document, 2)
    writer.create("text", "text")
    reader.apply(writer.export())
    shown = reader.to_json()
    changes = []
    for position, character in enumerate("abc"):
        before = writer.version
        writer.insert("text", position, character)
        changes.append(writer.export(before))
    assert reader.apply(changes[2]).held == 1
    assert reader.missing() == [OpId(1, 2)]
    assert reader.apply(changes[1]).held == 2
    assert reader.missing() == [OpId(1, 1)]
    assert reader.to_json() == shown
    assert reader.apply(changes[0]).changes == 3
    assert reader.missing() == []
    assert reader.text("text") == "abc"


def test_what_waits_is_bounded() -> None:
    writer = Replica(replica=1)
    changes = []
    for number in range(4):
        before = writer.version
        writer.set("number", number)
        changes.append(writer.export(before))
    for bounded in (
        Replica(writer.document, 2, max_inbox_changes=2),
        Replica.load(Replica(writer.document, 2).save(), 2, max_inbox_changes=2),
    ):
        bounded.apply(changes[1])
        bounded.apply(changes[2])
        with pytest.raises(InboxFullError) as caught:
            bounded.apply(changes[3])
        assert caught.value.changes == 3
        assert caught.value.max_changes == 2
        assert bounded.apply(changes[0]).changes == 3
        assert bounded.apply(changes[3]).changes == 1
        assert bounded.get("number") == 3
    tiny = Replica(writer.document, 2, max_inbox_bytes=1)
    with pytest.raises(InboxFullError) as caught:
        tiny.apply(changes[1])
    assert caught.value.max_bytes == 1
    assert caught.value.bytes > 1


@pytest.mark.parametrize("convert", [bytes, bytearray, memoryview])
def test_bytes_come_in_any_shape(convert: type[bytes] | type[bytearray] | type[memoryview]) -> None:
    writer = Replica(replica=1)
    writer.set("a", 1)
    reader = Replica(convert(writer.document), 2)
    assert reader.apply(convert(writer.export())).changes == 1
    reader.apply_acknowledgement(convert(writer.acknowledge()))
    assert Replica.load(convert(reader.save())).to_json() == writer.to_json()


def test_bytes_may_lie_apart() -> None:
    writer = Replica(replica=1)
    writer.set("a", 1)
    reader = Replica(writer.document, 2)
    spread = bytearray(b"\xff" * (2 * len(writer.export())))
    spread[::2] = writer.export()
    assert reader.apply(memoryview(spread)[::2]).changes == 1


@pytest.mark.parametrize("data", ["text", 7, None, ["a"], {"a": 1}])
def test_what_is_no_bytes_is_refused(data: Any) -> None:
    replica = Replica()
    for call in (replica.apply, replica.apply_acknowledgement, Replica.load):
        with pytest.raises(TypeError, match="bytes-like object is needed"):
            call(data)
