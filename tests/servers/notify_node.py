"""A child that raises an alarm ten times a second and tells a webhook; printed once committed.

Usage: python notify_node.py FOLDER PORT ALARMS [lossy]. "lossy" is a broken variant that a test
must catch: it writes a notice off before it is sent.
"""

import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from storage_parts import action, alarm  # noqa: E402

from embereye.config.notify_options import Notifications, Occasion, WebhookTarget  # noqa: E402
from embereye.config.schema import Settings  # noqa: E402
from embereye.model.notice import DeliveryState, TargetKind  # noqa: E402
from embereye.runtime.clock import SystemClock  # noqa: E402
from embereye.services.notify_courier import Courier  # noqa: E402
from embereye.services.notify_plan import NoticePlanner  # noqa: E402
from embereye.services.notify_targets import notice_site  # noqa: E402
from embereye.storage.opening import open_storage  # noqa: E402

_PERIOD = 0.01  # s between alarms


class Lossy(Courier):
    """Writes each notice off first."""

    def _send(self, address, delivery, cancelled):
        written = threading.Event()
        self._store.settle(delivery, DeliveryState.SENT, "", 1.0, lambda _error: written.set())
        written.wait(5.0)
        time.sleep(0.03)  # so that a kill strikes in between
        super()._send(address, delivery, cancelled)


def main() -> None:
    folder, port, most = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    clock, stop = SystemClock(), threading.Event()
    storage = open_storage(folder, clock, lambda _message: None, reserve=0)
    storage.alarms.load_open()
    made = Lossy if sys.argv[4:] == ["lossy"] else Courier
    courier = made(TargetKind.WEBHOOK, storage.outbox, clock, lambda _message: None)
    planner = NoticePlanner(storage.outbox, clock, lambda _message: None, courier.wake)
    occasion = Occasion(priority="diagnostic")
    hook = WebhookTarget(id="h", name="H", url=f"http://127.0.0.1:{port}/", occasion=occasion)
    settings = Settings(notifications=Notifications(webhooks=(hook,)))
    planner.site = notice_site(settings, lambda _name: None)
    courier.apply(planner.site)
    for worker in (storage.evidence, planner, courier):
        threading.Thread(target=worker.run, args=(stop,), daemon=True).start()

    def say(number: int, error: object) -> None:
        if error is None:
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            planner.wake()

    while not stop.wait(_PERIOD):
        number = storage.alarms.next_id()
        if number > most:
            stop.wait(60.0)
            return
        one = alarm(number)
        storage.alarms.save(one, action(one), lambda error, n=number: say(n, error))


main()
