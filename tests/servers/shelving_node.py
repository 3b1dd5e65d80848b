"""Alarms on the real clock and a real database, with one that is shelved for 60 s.

Argument: data directory. At the first start it raises and shelves the alarm. Prints JSON lines with
a monotonic moment: {"shelved": s} once that is committed, {"calls": s} once it is announced again.
"""

import json
import sys
from pathlib import Path
from threading import Event, Thread

from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.alarm_messages import ShelveAsked
from embereye.model.ids import PlaceId
from embereye.model.messages import AlarmChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.alarms import Alarms
from embereye.storage.opening import open_storage

KEY = AlarmKey(PlaceId("boiler"), AlarmKind.GAS)
SECONDS = 60.0  # s; the shortest that can be asked for


class Node:
    """Engine, alarms and database."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.engine = Engine(self.clock)
        self.storage = open_storage(folder, self.clock, self.engine.post)
        self.alarms = Alarms(self.engine, self._publish, self.storage.alarms)

    def begin(self) -> None:
        """Go on where the last process was killed, or raise the alarm."""
        if not self.alarms.restore():
            now = self.clock.now()
            self.alarms.report(Report(KEY, Cause.ACTIVE, Priority.HIGH, ("900 ppm",), now))

    def _publish(self, message: object) -> None:
        if not isinstance(message, AlarmChanged):
            return
        alarm = message.alarm
        if alarm.overlay is not None:
            self._say("shelved")
        elif message.announced and alarm.revision == 1:
            self.engine.post(ShelveAsked(alarm.id, SECONDS, "valve in repair", "anna"))
        elif message.announced:
            self._say("calls")

    def _say(self, what: str) -> None:
        sys.stdout.write(json.dumps({what: self.clock.mono()}) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Run until killed."""
    node = Node(Path(sys.argv[1]))
    stop = Event()
    for _, worker in node.storage.workers():
        Thread(target=worker.run, args=(stop,), daemon=True).start()
    node.begin()
    node.engine.run(stop)


if __name__ == "__main__":
    main()
