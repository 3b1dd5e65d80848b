"""R3: what a device says reaches the disk at least once, and is stored once.

Devices with the real reference client send numbered events through a proxy that resets
connections, flips bits and delays; the process that stores them is killed with SIGKILL at random
moments. In the end every row ever stored is counted.
"""

import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from servers.fault_proxy import FaultProxy, Faults
from servers.inbox_node import DEVICES, KID, secret

from embereye.ingest.auth_client import AuthClient, ClientKey, Memory
from embereye.model.ids import DeviceId
from embereye.storage.backup import check_database
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE, read_all
from embereye.storage.readings import decode

_NODE = Path(__file__).resolve().parents[1] / "servers" / "inbox_node.py"
_FAULTS = Faults(reset=0.01, flip=0.01, latency=0.004, size=90)  # about one packet
_AIM = 0.02  # s; a kill comes up to so long after the number of acknowledged events it waits for
_EARLY = 0.2  # of the starts are killed before or while the port is opened
_PATIENCE = 60.0  # s without an acknowledgement: something is stuck
# The client waits 10 s for an answer that a flipped bit spoilt, 30 s for an acknowledgement; its
# own clock is ours times this, so that the test does not.
_HASTE = 30
_PAUSE = 0.02  # s before a device connects again
_FULL = 4096  # values of one channel; an event is two of them


class _Device:
    """One device with events 0 … `events` − 1; a thread.

    Attributes:
        offered: Events said so far, of `events`.
        client: The real reference client.
    """

    def __init__(self, name: DeviceId, events: int, port: int) -> None:
        self.name = name
        self.client = AuthClient(
            name, Memory(1, (ClientKey(KID, secret(name)),)), lambda command: None
        )
        self.offered = 0
        self.events = events
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"device {name}")

    @property
    def acknowledged(self) -> int:
        """Events 0 … this − 1 are said to be on the disk."""
        return self.offered - len(self.client.queue)

    @property
    def finished(self) -> bool:
        return self.acknowledged == self.events

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(10.0)

    def _live(self) -> None:
        while not self._stop.is_set() and not self.finished:
            with suppress(OSError), closing(socket.create_connection(
                ("127.0.0.1", self._port), 1.0
            )) as line:  # fmt: skip
                self._talk(line)
            self.client.disconnected()
            self._stop.wait(_PAUSE)

    def _talk(self, line: socket.socket) -> None:
        client = self.client
        line.settimeout(0.01)
        line.sendall(client.connected(secrets.token_hex(8), _uptime()))
        while not (client.trouble or self.finished or self._stop.is_set()):
            self._say()
            line.sendall(b"".join(client.outgoing(_uptime())))
            with suppress(TimeoutError):
                heard = line.recv(4096)
                if not heard:
                    return
                client.receive(heard, _uptime())
            client.watch(_uptime())

    def _say(self) -> None:
        """Fill the queue with what happened since."""
        while self.offered < self.events:
            low, high = self.offered % _FULL, self.offered // _FULL
            body = b"Sensor:ADC1=%d,ADC2=%d" % (low, high)
            self.offered += 1  # before it can be acknowledged
            if not self.client.offer(body, _uptime()):
                self.offered -= 1
                return


def _wait(devices: list[_Device], acknowledged: int) -> None:
    end = time.monotonic() + _PATIENCE
    while sum(device.acknowledged for device in devices) < acknowledged:
        assert time.monotonic() < end, [device.client.trouble for device in devices]
        time.sleep(0.001)


def _uptime() -> int:
    return int(time.monotonic() * 1000 * _HASTE)


@dataclass(frozen=True)
class _Account:
    """What became of all events; everything but `stored` and `kills` must be 0."""

    stored: int
    kills: int
    never_stored: int
    acknowledged_lost: int
    duplicate_rows: int
    foreign_rows: int
    missing_in_history: int
    twice_in_history: int


class _Run:
    """The devices, the proxy and one process after another."""

    def __init__(self, node: subprocess.Popen[str], folder: Path, variant: str) -> None:
        self._node = node
        self._order = f"{folder} {variant}"
        self._folder = folder
        self._rng = random.Random(3)
        self.kills = 0
        self.lost: set[tuple[str, int]] = set()

    def play(self, events: int, kills: int) -> _Account:
        """Say `events`, kill at `kills` random moments while they are under way."""
        with FaultProxy(_FAULTS).running() as proxy:
            devices = [_Device(name, events // len(DEVICES), proxy.port) for name in DEVICES]
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

    def _live(self, proxy: FaultProxy, devices: list[_Device], targets: list[int]) -> None:
        """Kill when so many events are acknowledged, or somewhat later; in the end wait for all."""
        for target in targets:
            if self.kills and self._rng.random() < _EARLY:
                self._kill(self._begin(), devices)
            pid = self._begin()
            proxy.target = self._read("port")
            _wait(devices, target)
            self._kill(pid, devices)
            proxy.target = None
        pid = self._begin()
        proxy.target = self._read("port")
        _wait(devices, sum(device.events for device in devices))
        os.kill(pid, signal.SIGTERM)
        assert self._read("ended") == 0

    def _begin(self) -> int:
        assert self._node.stdin is not None
        self._node.stdin.write(self._order + "\n")
        self._node.stdin.flush()
        return self._read("pid")

    def _read(self, what: str) -> int:
        """The next thing of this kind that the node says."""
        assert self._node.stdout is not None
        while True:
            said: dict[str, int] = json.loads(self._node.stdout.readline())
            if what in said:
                return said[what]

    def _kill(self, pid: int, devices: list[_Device]) -> None:
        """What was acknowledged to a device by then must be on the disk of the killed process."""
        time.sleep(self._rng.uniform(0.0, _AIM))  # a random moment of real time is the test
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        assert self._read("ended") == signal.SIGKILL
        told = {device.name: device.acknowledged for device in devices}
        rows = _events(self._folder)
        self.lost |= {
            (name, event)
            for name, count in told.items()
            for event in range(count)
            if (name, event) not in rows
        }

    def _account(self, devices: list[_Device]) -> _Account:
        said = {(device.name, event) for device in devices for event in range(device.offered)}
        rows = _events(self._folder)
        kept = _history(self._folder)
        return _Account(
            stored=len(rows),
            kills=self.kills,
            never_stored=len(said - set(rows)),
            acknowledged_lost=len(self.lost),
            duplicate_rows=sum(count - 1 for count in rows.values()),
            foreign_rows=len(set(rows) - said),
            missing_in_history=len(said - set(kept)),
            twice_in_history=sum(count - 1 for count in kept.values()),
        )


def _events(folder: Path) -> Counter[tuple[str, int]]:
    """(device, event) of every row of the inbox."""
    rows = read_all(folder / EVIDENCE_FILE, "SELECT device, body FROM inbox")
    found: Counter[tuple[str, int]] = Counter()
    for row in rows:
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


@pytest.fixture
def node() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(_NODE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_NODE.parents[2],
    )
    yield process
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


def _sound(events: int, kills: int) -> _Account:
    return _Account(events, kills, 0, 0, 0, 0, 0, 0)


def test_a_thousand_events_are_stored_once_through_ten_kills(
    node: subprocess.Popen[str], tmp_path: Path
) -> None:
    account = _Run(node, tmp_path, "real").play(1_000, 10)
    assert account == _sound(1_000, account.kills)
    assert check_database(tmp_path / EVIDENCE_FILE) == []


def test_acknowledging_before_the_commit_is_caught(
    node: subprocess.Popen[str], tmp_path: Path
) -> None:
    """Negative control: the same account finds what a broken order loses."""
    account = _Run(node, tmp_path, "eager").play(1_000, 10)
    assert account.acknowledged_lost > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_events_are_stored_once_through_fifty_kills(
    node: subprocess.Popen[str], tmp_path: Path
) -> None:
    account = _Run(node, tmp_path, "real").play(10_000, 50)
    assert account == _sound(10_000, account.kills)
    assert check_database(tmp_path / EVIDENCE_FILE) == []
