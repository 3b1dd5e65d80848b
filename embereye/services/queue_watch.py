"""Supervises what waits: a queue that only grows makes alarms late, and is a fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from embereye.model.messages import WorkerFailed
from embereye.runtime.engine import Engine
from embereye.storage.opening import Storage

_LOOK = 1.0  # s between looks
PATIENCE = 10.0  # s for which a queue may be long; a burst of packets is over sooner


@dataclass(frozen=True, slots=True)
class Queue:
    """Something that waits for somebody.

    Attributes:
        length: How many wait now; any thread.
        most: Longer is too long.
        remedy: What to do, as a sentence.
    """

    length: Callable[[], int]
    most: int
    remedy: str


def queues(engine: Engine, storage: Storage) -> dict[str, Queue]:
    """Those of every program.

    The engine takes up to 2,000 messages at a time, so more than that after a turn has waited
    longer than one; a disk takes 18,000 rows a second in groups (project's targets).
    """
    load = "Switch off what you do not need: cameras, models, rates."
    disk = "The disk is slow or full: look at it."
    return {
        "engine": Queue(lambda: len(engine.mailbox), 4_000, load),
        "storage of alarms": Queue(lambda: storage.evidence.waiting, 2_000, disk),
    }


class QueueWatch:
    """Looks at the length of queues. Engine thread; `waiting` from any.

    A fault ends when the queue has fallen to half of what it may hold.

    Attributes:
        waiting: How many waited in each at the last look.
    """

    def __init__(
        self, engine: Engine, queues: Mapping[str, Queue], tell: Callable[[object], None]
    ) -> None:
        self.waiting: Mapping[str, int] = {}
        self._clock = engine.clock
        self._queues = dict(queues)
        self._tell = tell
        self._since: dict[str, float] = {}
        self._told: set[str] = set()
        engine.every(_LOOK, self._look)

    def _look(self) -> None:
        self.waiting = {name: queue.length() for name, queue in self._queues.items()}
        for name, length in self.waiting.items():
            self._judge(name, length, self._queues[name])

    def _judge(self, name: str, length: int, queue: Queue) -> None:
        now = self._clock.now()
        if length > queue.most:
            since = self._since.setdefault(name, now.mono)
            if now.mono - since >= PATIENCE and name not in self._told:
                self._told.add(name)
                text = f"{length} wait for the {name}: alarms may be late. {queue.remedy}"
                self._tell(WorkerFailed(f"queue of {name}", text, recovered=False, at=now))
            return
        self._since.pop(name, None)
        if name in self._told and length <= queue.most // 2:
            self._told.discard(name)
            text = f"The {name} has caught up."
            self._tell(WorkerFailed(f"queue of {name}", text, recovered=True, at=now))
