"""A headless program that raises, handles, shelves and ends alarms until it is killed.

Reads lines "FOLDER VARIANT SEED" from standard input. For each it forks a process that runs the
real `app.Program` on FOLDER and prints, each as one JSON line: {"pid": …}, {"restored": [alarm…],
"overlays": [overlay…]} once open alarms are back, then {"alarm": …, "since": …} for each change
that is said to be recorded; "since" is when what covers the alarm began, or null.
Forking a loaded process instead of starting Python 40 times is what keeps this within a minute.
VARIANT "real", or a broken one that tells before the commit: "eager", or "lids" (overlays only).
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
from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, Cause, Priority, Report, Scope
from embereye.model.alarm_messages import AssignAsked, CommentAsked, ShelveAsked, UnshelveAsked
from embereye.model.ids import PlaceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged, ResetAsked
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import PlainThreads
from embereye.storage.alarms import alarm_document
from embereye.storage.opening import open_storage
from embereye.storage.overlays import overlay_document

_EAGER_DELAY = 0.03  # s by which the broken variant commits after it has announced


class _EagerStore:
    """The negative control: says "committed" first and writes afterwards."""

    def __init__(self, store, alarms_too: bool) -> None:
        self._store = store
        self._alarms_too = alarms_too
        self.load_open, self.load_overlays = store.load_open, store.load_overlays
        self.next_id, self.next_overlay = store.next_id, store.next_overlay
        self.damaged = 0

    def save(self, alarm, action, done=None) -> None:
        if self._alarms_too:
            self._late(done, self._store.save, alarm, action)
        else:
            self._store.save(alarm, action, done)

    def save_overlay(self, record, done=None) -> None:
        self._late(done, self._store.save_overlay, record)

    def _late(self, done, save, *what) -> None:
        if done is not None:
            done(None)
        timer = Timer(_EAGER_DELAY, save, what)
        timer.daemon = True
        timer.start()


@dataclasses.dataclass(frozen=True)
class _Verdict:
    report: Report


def _opener(variant: str):
    def opener(folder, clock, publish):
        storage = open_storage(folder, clock, publish)
        if variant == "real":
            return storage
        eager = _EagerStore(storage.alarms, alarms_too=variant == "eager")
        return dataclasses.replace(storage, alarms=eager)

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
    lids = program.storage.alarms.load_overlays()
    documents = [overlay_document(record) for record in lids]
    tell({"restored": [alarm_document(alarm) for alarm in restored], "overlays": documents})
    program.engine.on(_Verdict, lambda verdict: program.alarms.report(verdict.report))
    program.start()
    rng = random.Random(seed)
    while True:
        _do_something(program, rng, clock)
        for message in box.take_all(0.002):
            if message.alarm.recorded:
                over = message.alarm.overlay
                since = None if over is None else over.since_utc
                tell({"alarm": alarm_document(message.alarm), "since": since})


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
        program.desk.ask(_request(rng.choice(alarms), rng))


def _request(alarm: Alarm, rng: random.Random) -> object:
    key, actor = alarm.key, "operator"
    return rng.choice(
        (
            AcknowledgeAsked(alarm.id, actor),
            AcknowledgeAsked(alarm.id, actor),
            ResetAsked(alarm.id, actor),
            ShelveAsked(alarm.id, 3600.0, f"reason {rng.random()}", actor),
            ShelveAsked(alarm.id, 60.0, f"reason {rng.random()}", actor),
            UnshelveAsked(Scope(key.place, key.kind, key.source), actor),
            CommentAsked(alarm.id, f"comment {rng.random()}", actor),
            AssignAsked(alarm.id, rng.choice(("anna", "ben")), actor),
        )
    )


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
