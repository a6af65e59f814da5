"""A network that reorders, duplicates and delays frames, and loses none for good."""

import random


class Link:
    """One direction between two replicas."""

    DUPLICATED = 0.02
    DELAYED = 0.1
    """Of the frames on the way, the part that stays behind at each delivery."""

    def __init__(self, chance: random.Random) -> None:
        """A link with nothing on the way."""
        self._chance = chance
        self._on_the_way: list[bytes] = []
        self.frames = 0
        self.bytes = 0
        self.delayed = 0
        self.duplicated = 0

    def send(self, frames: list[bytes]) -> None:
        """Takes frames on."""
        self._on_the_way += frames
        self.frames += len(frames)
        self.bytes += sum(map(len, frames))

    def deliver(self) -> list[bytes]:
        """What arrives now: shuffled, with duplicates, without what is delayed."""
        arriving: list[bytes] = []
        delayed: list[bytes] = []
        for frame in self._on_the_way:
            (delayed if self._chance.random() < self.DELAYED else arriving).append(frame)
        self.delayed += len(delayed)
        self._on_the_way = delayed
        return self._disturb(arriving)

    def deliver_all(self) -> list[bytes]:
        """All that is left on the way: shuffled, with duplicates."""
        arriving, self._on_the_way = self._on_the_way, []
        return self._disturb(arriving)

    def _disturb(self, frames: list[bytes]) -> list[bytes]:
        again = [frame for frame in frames if self._chance.random() < self.DUPLICATED]
        self.duplicated += len(again)
        # What is sent twice is on the way twice.
        self.bytes += sum(map(len, again))
        disturbed = frames + again
        self._chance.shuffle(disturbed)
        return disturbed
