"""R3: what a device says reaches the disk at least once, and is stored once.

Devices with the real reference client send numbered events through a proxy that resets
connections, flips bits and delays; the process that stores them is killed with SIGKILL at random
moments. In the end every row ever stored is counted.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from servers.fault_proxy import FaultProxy, Faults
from servers.inbox_node import DEVICES, KID, secret
from servers.inbox_process import InboxProcess, inbox_process, wait_for
from servers.numbered_device import NumberedDevice

from embereye.ingest.auth_client import ClientKey
from embereye.storage.backup import check_database
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE, read_all
from embereye.storage.queries import Slice, alarms
from embereye.storage.readings import decode

_FAULTS = Faults(reset=0.01, flip=0.01, latency=0.004, size=90)  # about one packet
_AIM = 0.02  # s; a kill comes up to so long after the number of acknowledged events it waits for
_EARLY = 0.2  # of the starts are killed before or while the port is opened
_FULL = 4096  # values of one channel; an event is two of them
_BURNING = b"Sensor:ADC1=287,ADC2=1310,DIO=1"


@dataclass(frozen=True, slots=True)
class _Account:
    """What became of all events; everything but `stored` must be 0."""

    stored: int
    never_stored: int = 0
    acknowledged_lost: int = 0
    duplicate_rows: int = 0
    foreign_rows: int = 0
    missing_in_history: int = 0
    twice_in_history: int = 0


class _Run:
    """The devices, the proxy and one process after another."""

    def __init__(self, process: InboxProcess, folder: Path, variant: str) -> None:
        self._process = process
        self._folder = folder
        self._variant = variant
        self._rng = random.Random(3)
        self._lost: set[tuple[str, int]] = set()

    def play(self, events: int, kills: int) -> _Account:
        """Say `events`, kill at `kills` random moments (and some more) while they are under way."""
        bodies = [b"Sensor:ADC1=%d,ADC2=%d" % (e % _FULL, e // _FULL) for e in range(events)]
        bodies = bodies[: events // len(DEVICES)]
        with FaultProxy(_FAULTS).running() as proxy:
            devices = [_device(number, bodies, proxy) for number in range(len(DEVICES))]
            for device in devices:
                device.start()
            try:
                self._live(proxy, devices, sorted(self._rng.sample(range(events), kills)))
            finally:
                for device in devices:
                    device.end()
            assert proxy.resets
            assert proxy.flips
        return self._account(devices)

    def _live(
        self, proxy: FaultProxy, devices: Sequence[NumberedDevice], targets: Sequence[int]
    ) -> None:
        """Kill when so many events are acknowledged, or somewhat later; in the end wait for all."""
        process = self._process
        for target in targets:
            if process.kills and self._rng.random() < _EARLY:
                process.begin(self._variant)
                self._kill(devices)
            process.begin(self._variant)
            proxy.target = process.port()
            wait_for(devices, target)
            self._kill(devices)
            proxy.target = None
        process.begin(self._variant)
        proxy.target = process.port()
        wait_for(devices, sum(len(device.bodies) for device in devices))
        process.end()

    def _kill(self, devices: Sequence[NumberedDevice]) -> None:
        """What was acknowledged to a device by then must be on the disk of the killed process."""
        time.sleep(self._rng.uniform(0.0, _AIM))  # a random moment of real time is the test
        self._process.kill()
        told = {device.name: device.acknowledged for device in devices}
        rows = _rows(self._folder)
        self._lost |= {
            (name, event)
            for name, count in told.items()
            for event in range(count)
            if (name, event) not in rows
        }

    def _account(self, devices: Sequence[NumberedDevice]) -> _Account:
        said = {(device.name, event) for device in devices for event in range(device.offered)}
        rows, kept = _rows(self._folder), _history(self._folder)
        return _Account(
            stored=len(rows),
            never_stored=len(said - set(rows)),
            acknowledged_lost=len(self._lost),
            duplicate_rows=sum(count - 1 for count in rows.values()),
            foreign_rows=len(set(rows) - said),
            missing_in_history=len(said - set(kept)),
            twice_in_history=sum(count - 1 for count in kept.values()),
        )


def _device(number: int, bodies: Sequence[bytes], proxy: FaultProxy) -> NumberedDevice:
    name = DEVICES[number]
    return NumberedDevice(name, ClientKey(KID, secret(name)), bodies, proxy.port)


def _rows(folder: Path) -> Counter[tuple[str, int]]:
    """(device, event) of every row of the inbox."""
    found: Counter[tuple[str, int]] = Counter()
    for row in read_all(folder / EVIDENCE_FILE, "SELECT device, body FROM inbox"):
        low, high = row["body"].removeprefix(b"Sensor:ADC1=").split(b",ADC2=")
        found[row["device"], int(high) * _FULL + int(low)] += 1
    return found


def _history(folder: Path) -> Counter[tuple[str, int]]:
    """(device, event) of every sample in the telemetry database."""
    sql = "SELECT device, start_utc, samples FROM readings WHERE channel = ? ORDER BY id"
    low, high = (
        [
            (row["device"], value)
            for row in read_all(folder / TELEMETRY_FILE, sql, (channel,))
            for value in decode(channel, row["start_utc"], row["samples"])[1]
        ]
        for channel in ("smoke", "flame")
    )
    pairs = zip(low, high, strict=True)
    return Counter((device, int(np.rint(b) * _FULL + np.rint(a))) for (device, a), (_, b) in pairs)


def _counted(folder: Path, variant: str, events: int, kills: int) -> _Account:
    with inbox_process(folder) as process:
        return _Run(process, folder, variant).play(events, kills)


def test_a_thousand_events_are_stored_once_through_ten_kills(tmp_path: Path) -> None:
    assert _counted(tmp_path, "real", 1_000, 10) == _Account(stored=1_000)
    assert check_database(tmp_path / EVIDENCE_FILE) == []


def test_acknowledging_before_the_commit_is_caught(tmp_path: Path) -> None:
    """Negative control: the same account finds what a broken order loses."""
    assert _counted(tmp_path, "eager", 1_000, 10).acknowledged_lost > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_events_are_stored_once_through_fifty_kills(tmp_path: Path) -> None:
    assert _counted(tmp_path, "real", 10_000, 50) == _Account(stored=10_000)
    assert check_database(tmp_path / EVIDENCE_FILE) == []


def _alarms_after_a_kill(folder: Path, second: str) -> int:
    """A burning device's packet is acknowledged, not judged; alarms after a kill and a restart."""
    with inbox_process(folder) as process, FaultProxy(Faults()).running() as proxy:
        process.begin("deaf")
        proxy.target = process.port()
        device = _device(0, [_BURNING], proxy)
        device.start()
        wait_for([device], 1)
        device.end()
        process.kill()
        process.begin(second)
        process.port()
        process.end()
    return len(alarms(folder, Slice(limit=10)))


def test_an_acknowledged_packet_that_was_not_judged_raises_its_alarm_after_the_kill(
    tmp_path: Path,
) -> None:
    assert _alarms_after_a_kill(tmp_path, "real") == 1


def test_no_alarm_comes_by_itself_after_the_kill(tmp_path: Path) -> None:
    """Negative control: where nothing is judged again there is none."""
    assert _alarms_after_a_kill(tmp_path, "deaf") == 0
