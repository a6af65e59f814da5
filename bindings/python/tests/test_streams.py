"""Changes sent as they are made; and the compressed forms of what is saved and exported."""

import copy
import pickle
import random

import pytest

from libsync import (
    Applied,
    BelowPruneFloorError,
    DecodeError,
    InTransactionError,
    OtherDocumentError,
    Receiver,
    Replica,
    Sender,
    StreamBrokenError,
    VersionVector,
)


class Way:
    """One direction of a connection: what is sent from one replica to the other."""

    def __init__(self, start: Replica, end: Replica) -> None:
        self.start, self.end = start, end
        self.sender = Sender(start.decode_version(end.encode_version()))
        self.receiver = Receiver()

    def carry(self) -> list[int]:
        """Sends all there is; gives how long the frames were."""
        lengths = []
        while frame := self.start.send(self.sender):
            self.end.receive(self.receiver, frame)
            lengths.append(len(frame))
        return lengths


@pytest.fixture
def pair() -> tuple[Replica, Replica]:
    """Two replicas of a document."""
    phone = Replica(replica=1)
    return phone, Replica(phone.document, 2)


def test_a_keystroke_takes_few_bytes(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    way = Way(phone, laptop)
    typed = "What is typed here is typed there."
    lengths = []
    for position, letter in enumerate(typed):
        phone.insert("notes", position, letter)
        lengths += way.carry()
        assert laptop.text("notes") == typed[: position + 1]
    assert len(lengths) == len(typed)
    assert max(lengths[1:]) < 10
    assert phone.send(way.sender) is None
    assert way.sender.known == phone.version == laptop.version


def test_what_came_from_a_peer_is_not_sent_back(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    phone.join(laptop.id)
    laptop.apply(phone.export())
    there, back = Way(phone, laptop), Way(laptop, phone)
    for number in range(20):
        phone.set("phone", number)
        there.carry()
        back.sender.skip_received(there.receiver)
        assert back.carry() == []
        laptop.set("laptop", number)
        assert len(back.carry()) == 1
        there.sender.skip_received(back.receiver)
        assert there.carry() == []
    assert phone.to_python() == laptop.to_python() == {"laptop": 19, "phone": 19}


def test_what_came_another_way_is_not_sent(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    way = Way(phone, laptop)
    phone.set("a", 1)
    laptop.apply(phone.export())
    way.sender.skip(laptop.version)
    assert way.carry() == []
    phone.set("b", 2)
    assert len(way.carry()) == 1
    assert laptop.to_python() == {"a": 1, "b": 2}


def test_what_is_received_is_reported(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    sender, receiver = Sender(), Receiver()
    phone.set("a", 1)
    laptop.apply(phone.export())
    frame = phone.send(sender)
    assert frame is not None
    once_more = laptop.receive(receiver, memoryview(bytearray(frame)))
    assert once_more == Applied(changes=0, duplicates=1, held=0, refused=())
    with pytest.raises(TypeError, match="bytes-like object is needed"):
        laptop.receive(receiver, "text")  # type: ignore[arg-type]


def test_a_lost_frame_breaks_the_stream(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    way = Way(phone, laptop)
    frames = []
    for position, letter in enumerate("abc"):
        phone.insert("text", position, letter)
        frames.append(phone.send(way.sender) or b"")
    laptop.receive(way.receiver, frames[0])
    for wrong in (frames[2], frames[0]):
        with pytest.raises(StreamBrokenError, match="start a new stream"):
            laptop.receive(way.receiver, wrong)
    assert laptop.text("text") == "a"
    laptop.receive(way.receiver, frames[1])
    laptop.receive(way.receiver, frames[2])
    assert laptop.text("text") == "abc"
    phone.insert("text", 3, "d")
    assert phone.send(way.sender)
    assert Way(phone, laptop).carry()
    assert laptop.text("text") == "abcd"


def test_damaged_frames_change_nothing(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    way = Way(phone, laptop)
    for position in range(3):
        phone.insert("text", position, "x")
        frame = phone.send(way.sender)
        assert frame is not None
        before = laptop.save()
        for bit in range(8 * len(frame)):
            damaged = bytearray(frame)
            damaged[bit // 8] ^= 1 << bit % 8
            for data in (damaged, frame[: bit // 8]):
                with pytest.raises((StreamBrokenError, DecodeError)):
                    laptop.receive(way.receiver, data)
        assert laptop.save() == before
        laptop.receive(way.receiver, frame)
    assert laptop.text("text") == "xxx"


def test_a_stream_is_of_one_document(pair: tuple[Replica, Replica]) -> None:
    phone, _ = pair
    stranger = Replica(replica=3)
    phone.set("a", 1)
    with pytest.raises(OtherDocumentError):
        phone.decode_version(stranger.encode_version())
    with pytest.raises(DecodeError):
        phone.decode_version(b"noise")
    sender, receiver = Sender(), Receiver()
    compact = phone.send(sender)
    assert compact is not None
    with pytest.raises(StreamBrokenError, match="of another document"):
        stranger.receive(receiver, compact)
    with phone.transaction(message="in a frame like those of export"):
        phone.set("a", 2)
    whole = phone.send(sender)
    assert whole is not None
    with pytest.raises(OtherDocumentError):
        stranger.receive(receiver, whole)


def test_nothing_is_sent_in_a_transaction(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    way = Way(phone, laptop)
    phone.set("a", 1)
    frame = phone.send(way.sender)
    assert frame is not None
    with phone.transaction(), laptop.transaction():
        phone.set("b", 2)
        with pytest.raises(InTransactionError):
            phone.send(way.sender)
        with pytest.raises(InTransactionError):
            laptop.receive(way.receiver, frame)
    laptop.receive(way.receiver, frame)
    way.carry()
    assert laptop.to_python() == {"a": 1, "b": 2}


def test_what_was_pruned_is_not_sent() -> None:
    replica = Replica(replica=1)
    replica.insert("text", 0, "abc")
    replica.delete("text", 0, 3)
    replica.acknowledge()
    replica.acknowledge()
    assert replica.prune().nodes == 3
    with pytest.raises(BelowPruneFloorError):
        replica.send(Sender())


def test_the_end_of_a_stream_is_never_copied() -> None:
    for end in (Sender(), Receiver()):
        for make_copy in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="new Sender and a new Receiver"):
                make_copy(end)
    with pytest.raises(TypeError):
        Sender({1: 1})  # type: ignore[arg-type]
    assert Sender(VersionVector({1: 2})).known == VersionVector({1: 2})


@pytest.mark.parametrize("seed", range(10))
def test_random_sessions_converge(seed: int) -> None:
    """The seed in the test's name decides the whole session."""
    choose = random.Random(seed)
    first = Replica(replica=1)
    replicas = [first, *(Replica(first.document, number) for number in (2, 3))]
    ways = [Way(a, b) for a in replicas for b in replicas if a is not b]
    for _ in range(300):
        replica = choose.choice(replicas)
        length = replica.text_len("text") if replica.get("text") else 0
        match choose.randrange(5):
            case 0 | 1:
                replica.insert("text", choose.randint(0, length), "typed"[: choose.randint(1, 5)])
            case 2 if length:
                replica.delete("text", choose.randrange(length), 1)
            case 3:
                replica.set(f"map.{choose.randrange(3)}", choose.random())
            case _:
                choose.choice(ways).carry()
    for _ in replicas:
        for way in ways:
            way.carry()
    assert len({replica.to_json() for replica in replicas}) == 1


def test_compressed_forms_are_shorter_and_the_same(pair: tuple[Replica, Replica]) -> None:
    phone, laptop = pair
    for _ in range(50):
        phone.insert("notes", 0, "Ahoy! And again: ")
    saved, exported = phone.save(compressed=True), phone.export(compressed=True)
    assert len(saved) < len(phone.save()) / 2
    assert len(exported) < len(phone.export()) / 2
    assert Replica.load(saved).to_json() == phone.to_json()
    assert Replica.load(saved, 1).save() == phone.save()
    laptop.apply(exported)
    assert laptop.to_json() == phone.to_json()
    phone.insert("notes", 0, "Ahoy! " * 50)
    for since in (laptop.version, laptop.encode_version()):
        tail = phone.export(since, compressed=True)
        assert len(tail) < len(phone.export(since))
        assert Replica.load(laptop.save()).apply(tail).changes == 1
    with pytest.raises(TypeError):
        phone.save(True)  # type: ignore[call-arg]
