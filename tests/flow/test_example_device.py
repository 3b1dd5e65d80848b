"""The example device of the documentation against the listener, and against the test vectors."""

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue
from runpy import run_path

import pytest
from hosting import hosted
from storage_parts import opened, running

from embereye.config.schema import Sensors
from embereye.ingest import enrolment_text
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.device_messages import DeviceAuthenticated
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.storage.database import EVIDENCE_FILE, read_all

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "examples" / "device_client.py"
VECTORS = json.loads((ROOT / "docs" / "device-vectors.json").read_text(encoding="utf-8"))
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
WAIT = 20.0  # s; generous, a loaded machine is slow


def ring(*secrets):
    """The last key is the newest one; those before it are retiring."""
    last = len(secrets)
    return KeyRing(
        DeviceKey(
            "maker-1",
            f"k{number}",
            secret,
            KeyState.ACTIVE if number == last else KeyState.RETIRING,
            float(number),
        )
        for number, secret in enumerate(secrets, 1)
    )


@pytest.fixture
def site(tmp_path):
    """A listener with a database, and the names of the keys that the device connected with."""
    storage, clock, proven = opened(tmp_path), SystemClock(), Queue()
    engine = Engine(clock)
    engine.on(DeviceAuthenticated, lambda proof: proven.put(proof.kid))
    server = SensorServer(
        engine, clock, Sensors(port=0), inbox=storage.inbox, keys=ring(OLD), folder=tmp_path
    )
    with ExitStack() as stack:
        stack.enter_context(running(storage.evidence))
        stack.enter_context(hosted(engine.run, wait=WAIT))
        stack.callback(engine.mailbox.wake)
        stack.enter_context(hosted(server.run, wait=WAIT))
        assert server.listening.wait(WAIT)
        yield server, proven


@contextmanager
def device(folder, server, seconds):
    text = folder / "key.txt"
    text.write_text(enrolment_text.write("maker-1", "k1", OLD), encoding="utf-8")
    command = [sys.executable, SCRIPT, folder / "state", "127.0.0.1", str(server.port)]
    with subprocess.Popen(
        [*command, str(seconds), text], stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield process


def rows(folder):
    found = read_all(folder / EVIDENCE_FILE, "SELECT boot, seq FROM inbox ORDER BY boot, seq")
    return [(row["boot"], row["seq"]) for row in found]


@pytest.mark.paced
def test_the_example_loses_nothing_over_a_rotation_and_a_restart(tmp_path, site):
    server, proven = site
    with device(tmp_path, server, 6) as process:
        assert proven.get(timeout=WAIT) == "k1"
        server.apply_keys(ring(OLD, NEW))
        assert proven.get(timeout=WAIT) == "k2"
        said, _ = process.communicate(timeout=WAIT)
    first = rows(tmp_path)
    assert "obeyed PERIOD_ON" in said
    assert [seq for _, seq in first] == list(range(1, len(first) + 1))
    assert {boot for boot, _ in first} == {1}
    with device(tmp_path, server, 3):
        assert proven.get(timeout=WAIT) == "k2"
    assert {boot for boot, _ in rows(tmp_path)} == {1, 2}


def session(folder):
    """The example device of the vectors, open, with two messages sent."""
    script = run_path(str(SCRIPT))
    values, packets = VECTORS["session"], {each["name"]: each for each in VECTORS["packets"]}
    memory = script["first_memory"](VECTORS["enrolment"]["text"])
    made = script["Device"](folder / "state", {**memory, "boot": 2})
    made.fresh = False
    made.hello()
    made.nonce = values["hello"].split(":")[4]
    for _ in range(2):
        made.measured("Sensorboiler-7:ADC1=5")
    return made, packets


def test_the_example_obeys_what_is_genuine_in_the_vectors(tmp_path):
    made, packets = session(tmp_path)
    for name in ("challenge", "command REQUEST1", "command EEPROM1", "command TIME"):
        assert not made.take(packets[name]["packet"])
    assert (made.open, made.obeyed, len(made.queue)) == (True, 3, 2)
    made.take(packets["receipt"]["packet"])
    assert (made.answered > 0, len(made.queue)) == (True, 2)
    made.take(packets["acknowledgement"]["packet"])
    assert not made.queue
    assert made.take(VECTORS["rotation"]["packet"])
    assert made.memory["keys"][1] == ["k2", VECTORS["rotation"]["new_key"]]


def test_the_example_ignores_what_the_vectors_refuse(tmp_path):
    made, packets = session(tmp_path)
    for name in ("challenge", "command REQUEST1", "command EEPROM1", "command TIME"):
        made.take(packets[name]["packet"])
    for refused in VECTORS["refused_by_the_device"]:
        assert not made.take(refused["packet"])
        assert (made.obeyed, len(made.queue)) == (3, 2), refused["why"]
