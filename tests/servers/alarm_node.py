"""A headless program that raises, acknowledges and ends alarms until it is killed.

Reads lines "FOLDER VARIANT SEED" from standard input. For each it forks a process that runs the
real `app.Program` on FOLDER and prints, each as one JSON line: {"pid": …}, {"restored": [alarm…]}
once open alarms are back, then {"alarm": …} for each announced change that is said to be recorded.
Forking a loaded process instead of starting Python 40 times is what keeps this within a minute.
VARIANT "real", or "eager": the broken one, which announces before the commit.
"""

import dataclasses
import json
import os
import random
import sys
from pathlib import Path
from threading import Event, Lock, Timer

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Detection, Sensors, Settings
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import PlaceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged, ResetAsked
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import PlainThreads
from embereye.storage.alarms import alarm_document
from embereye.storage.opening import open_storage

_EAGER_DELAY = 0.03  # s by which the broken variant commits after it has announced


class _EagerStore:
    """The negative control: says "committed" first and writes afterwards."""

    def __init__(self, store) -> None:
        self._store = store
        self.load_open = store.load_open
        self.next_id = store.next_id

    def save(self, alarm, action, done=None) -> None:
        if done is not None:
            done(None)
        timer = Timer(_EAGER_DELAY, self._store.save, (alarm, action))
        timer.daemon = True
        timer.start()


@dataclasses.dataclass(frozen=True)
class _Verdict:
    report: Report


def _opener(variant: str):
    def opener(folder, clock, publish):
        storage = open_storage(folder, clock, publish)
        if variant == "eager":
            return dataclasses.replace(storage, alarms=_EagerStore(storage.alarms))
        return storage

    return opener


def _serve(folder: Path, variant: str, seed: int) -> None:
    clock, lock = SystemClock(), Lock()

    def tell(document: dict) -> None:
        with lock:
            os.write(1, json.dumps(document).encode() + b"\n")

    tell({"pid": os.getpid()})
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    if store.current == Settings():
        quiet = {"sensors": Sensors(enabled=False), "detection": Detection(enabled=False)}
        store.save(quiet, 0)
    program = Program(
        Site(folder, store, FileSecrets(folder), PlainThreads(), clock), _opener(variant)
    )
    box: Mailbox[AlarmChanged] = Mailbox(10_000, Full.GROW)
    program.bus.subscribe(box, AlarmChanged)
    restored = program.storage.alarms.load_open()
    tell({"restored": [alarm_document(alarm) for alarm in restored]})
    program.engine.on(_Verdict, lambda verdict: program.alarms.report(verdict.report))
    program.start()
    rng = random.Random(seed)
    while True:
        _do_something(program, rng, clock)
        for message in box.take_all(0.002):
            if message.alarm.recorded:
                tell({"alarm": alarm_document(message.alarm)})


def _do_something(program: Program, rng: random.Random, clock: SystemClock) -> None:
    place = PlaceId(f"place-{rng.randrange(12)}")
    cause = rng.choice((Cause.ACTIVE, Cause.ACTIVE, Cause.CLEAR))
    priority = rng.choice((Priority.HIGH, Priority.EMERGENCY))
    reasons = (f"thermal max {rng.randrange(60, 400)} °C",)
    key = AlarmKey(place, AlarmKind.FIRE)
    report = Report(key, cause, priority, reasons, clock.now(), str(place))
    alarms = program.desk.alarms().alarms
    program.engine.post(_Verdict(report))
    if alarms and rng.random() < 0.5:
        chosen = rng.choice(alarms).id
        ask = rng.choice((AcknowledgeAsked, ResetAsked))
        program.desk.ask(ask(chosen, "operator"))


def main() -> None:
    children: list[int] = []
    for line in sys.stdin:
        folder, variant, seed = line.rsplit(maxsplit=2)
        child = os.fork()
        if child == 0:
            try:
                _serve(Path(folder), variant, int(seed))
            finally:
                os._exit(1)
        children.append(child)
        os.waitpid(child, 0)


if __name__ == "__main__":
    Event()  # nothing else runs in this process: forking it is safe
    main()
