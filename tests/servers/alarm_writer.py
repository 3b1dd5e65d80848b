"""A child that saves shelved alarms in a loop and prints number and monotonic time of each commit.

Usage: python alarm_writer.py FOLDER [early|normal]. Two broken variants that tests must catch:
"early" prints before the commit, "normal" commits with synchronous=NORMAL.
"""

import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from storage_parts import action, alarm, overlay_record  # noqa: E402

from embereye.runtime.clock import SystemClock  # noqa: E402
from embereye.storage.opening import open_storage  # noqa: E402


def announce(number: int) -> None:
    sys.stdout.write(f"{number} {time.monotonic()!r}\n")
    sys.stdout.flush()


def main() -> None:
    early = sys.argv[2:] == ["early"]
    storage = open_storage(Path(sys.argv[1]), SystemClock(), lambda message: None, reserve=0)
    storage.evidence._durable = sys.argv[2:] != ["normal"]
    storage.alarms.load_open()
    stop = threading.Event()
    for name, worker in storage.workers():
        threading.Thread(target=worker.run, args=(stop,), name=name, daemon=True).start()
    slots = threading.Semaphore(20)
    while True:
        slots.acquire()
        one = alarm(storage.alarms.next_id())

        def say(error: object, number: int = one.id) -> None:
            if error is None and not early:
                announce(number)
            slots.release()

        if early:
            announce(one.id)
        storage.alarms.save_overlay(overlay_record(one.id))
        storage.alarms.save(one, action(one), say)


main()
