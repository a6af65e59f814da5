"""What a replica shows after what was done to it."""

import copy
import gc
import json
import pickle
import uuid
import weakref

import pytest

import libsync
from libsync import Kind, Replica


@pytest.fixture
def replica() -> Replica:
    """A replica of a new document."""
    return Replica(replica=1)


def test_a_new_document_is_empty(replica: Replica) -> None:
    assert replica.to_json() == "{}"
    assert replica.to_python() == {}
    assert replica.get("") == {}
    assert replica.keys() == []
    assert replica.missing() == []


def test_identities_are_as_given() -> None:
    document = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    assert Replica(document, 2**64 - 1).document == document.bytes
    assert Replica(document.bytes).document == document.bytes
    assert Replica(document, 2**64 - 1).id == 2**64 - 1
    assert Replica(replica="edge_001").id == libsync.replica_id("edge_001")
    assert libsync.replica_id("edge_001") != libsync.replica_id("edge_002")


def test_identities_are_random_by_default() -> None:
    replicas = [Replica() for _ in range(64)]
    assert len({replica.document for replica in replicas}) == 64
    assert len({replica.id for replica in replicas}) == 64


@pytest.mark.parametrize("wrong", [b"", b"too short", b"a byte too many: "])
def test_a_document_id_has_16_bytes(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=f"16 bytes: not {len(wrong)}"):
        Replica(wrong)


def test_arguments_of_wrong_types_are_named() -> None:
    with pytest.raises(TypeError, match="bytes-like"):
        Replica(7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="by its name, a str: not by float"):
        Replica(replica=1.5)  # type: ignore[arg-type]
    for out_of_range in (-1, 2**64):
        with pytest.raises(OverflowError, match="replica id"):
            Replica(replica=out_of_range)


def test_maps_nest_as_far_as_needed(replica: Replica) -> None:
    replica.set("user.profile.name", "Ada")
    replica.create("user.settings", Kind.MAP)
    assert replica.get("user") == {"profile": {"name": "Ada"}, "settings": {}}
    assert replica.keys("user") == ["profile", "settings"]
    assert replica.keys() == ["user"]
    replica.create("user", Kind.MAP)
    assert replica.get("user.profile.name") == "Ada"


def test_nothing_is_the_default(replica: Replica) -> None:
    replica.set("a.b", None)
    assert replica.get("a.b", "default") is None
    assert replica.get("a.c") is None
    assert replica.get("a.c", default="default") == "default"
    assert replica.get("x.y.z", "default") == "default"


def test_a_removed_place_is_empty(replica: Replica) -> None:
    replica.set("a.b", 1)
    replica.insert("a.text", 0, "text")
    assert replica.remove("a.b") is True
    assert replica.remove("a.b") is False
    assert replica.get("a") == {"text": "text"}
    assert replica.remove("a") is True
    assert replica.to_json() == "{}"


def test_text_is_edited_by_characters(replica: Replica) -> None:
    replica.create("note", Kind.TEXT)
    assert replica.text("note") == ""
    replica.insert("note", 0, "Grüße an 🌍")
    assert replica.text_len("note") == len("Grüße an 🌍")
    replica.insert("note", 10, "!")
    replica.delete("note", 0, 9)
    assert replica.text("note") == "🌍!"
    replica.delete("note", 0, 1)
    assert replica.get("note") == "!"
    replica.create("note", Kind.TEXT)
    assert replica.text("note") == "!"


def test_json_and_python_show_the_same(replica: Replica) -> None:
    replica.set("number", 7)
    replica.set("half", 0.5)
    replica.set("nothing", None)
    replica.set("yes", value=True)
    replica.insert("text", 0, 'quoted "text"\n')
    replica.set("map.key", "value")
    assert json.loads(replica.to_json()) == replica.to_python()


def test_a_conflict_shows_all_values() -> None:
    left = Replica(replica=1)
    right = Replica(left.document, replica=2)
    left.set("color", "red")
    right.set("color", "blue")
    right.set("shade", b"\x00")
    left.apply(right.export())
    conflicts = left.conflicts("color")
    assert [(c.kind, c.value, c.id) for c in conflicts] == [
        ("value", "blue", libsync.OpId(2, 0)),
        ("value", "red", libsync.OpId(1, 0)),
    ]
    assert left.get("color") == "blue"
    assert [c.value for c in left.conflicts("shade")] == [b"\x00"]
    assert left.conflicts("size") == []
    left.set("color", "green")
    assert [c.value for c in left.conflicts("color")] == ["green"]


def test_containers_in_conflict_are_named_by_their_kinds() -> None:
    left = Replica(replica=1)
    right = Replica(left.document, replica=2)
    left.create("place", Kind.MAP)
    right.create("place", Kind.TEXT)
    left.apply(right.export())
    assert {(c.kind, c.value) for c in left.conflicts("place")} == {("map", None), ("text", None)}


def test_a_saved_document_is_the_same_document(replica: Replica) -> None:
    replica.set("a.b", 1)
    replica.insert("note", 0, "text")
    replica.delete("note", 1, 1)
    loaded = Replica.load(replica.save(), replica.id)
    assert loaded.to_json() == replica.to_json()
    assert loaded.version == replica.version
    assert loaded.document == replica.document
    assert loaded.id == replica.id
    loaded.set("a.b", 2)
    replica.apply(loaded.export(replica.version))
    assert replica.get("a.b") == 2


def test_a_document_is_loaded_under_a_new_id_by_default(replica: Replica) -> None:
    replica.set("a", 1)
    first, second = (Replica.load(replica.save()) for _ in range(2))
    assert len({replica.id, first.id, second.id}) == 3
    first.set("b", 1)
    second.set("c", 1)
    first.apply(second.export())
    assert first.to_python() == {"a": 1, "b": 1, "c": 1}
    assert Replica.load(replica.save(), "desk").id == libsync.replica_id("desk")


def test_a_replica_names_itself_for_people(replica: Replica) -> None:
    replica.set("a", 1)
    assert f"{replica.id:016x}" in repr(replica)
    assert replica.document.hex() in repr(replica)
    assert "1 operations" in repr(replica)


def test_a_replica_is_never_copied(replica: Replica) -> None:
    for make_copy in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match=r"Replica\.load\(replica\.save\(\)\)"):
            make_copy(replica)


def test_a_replica_is_itself_alone(replica: Replica) -> None:
    other = Replica(replica.document, replica.id)
    assert replica != other
    assert len({replica, other}) == 2
    with pytest.raises(AttributeError):
        replica.attribute = 1  # type: ignore[attr-defined]


def test_a_replica_is_referenced_weakly() -> None:
    replica = Replica()
    reference = weakref.ref(replica)
    assert reference() is replica
    del replica
    gc.collect()
    assert reference() is None
