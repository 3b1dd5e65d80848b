"""R1 for notices: what was recorded is sent at least once over `kill -9`, with the same key."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from notify_parts import HookReceiver, webhook

_NODE = Path(__file__).resolve().parents[1] / "servers" / "notify_node.py"


def lives(folder, receiver, kills, variant=()):
    """Numbers of all alarms that a killed process said are recorded, and those that arrived."""
    recorded = set()
    with webhook(receiver) as port:
        for life in range(kills + 1):
            last = life == kills
            most = 0 if last else 100_000
            command = [sys.executable, str(_NODE), str(folder), str(port), str(most), *variant]
            wanted = len(receiver.requests) + random.Random(life).randint(5, 40)
            node = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            if last:
                _until_quiet(receiver, recorded)
            else:
                _until_arrived(receiver, wanted)
                time.sleep(random.Random(-life).uniform(0.0, 0.05))  # anywhere between two
            node.send_signal(signal.SIGKILL)
            recorded |= {int(line) for line in node.stdout if line.strip()}
            node.wait(10.0)
            node.stdout.close()
    return recorded


def _until_arrived(receiver, count):
    with receiver.arrived:
        assert receiver.arrived.wait_for(lambda: len(receiver.requests) >= count, timeout=60.0)


def _until_quiet(receiver, recorded):
    end = time.monotonic() + 15.0
    while not recorded <= set(arrived(receiver)) and time.monotonic() < end:
        time.sleep(0.05)


def arrived(receiver):
    """Keys by number of the alarm."""
    keys = defaultdict(list)
    for _, headers, body in list(receiver.requests):
        keys[json.loads(body)["alarm"]["id"]].append(headers["Idempotency-Key"])
    return keys


@pytest.mark.slow
def test_a_notice_survives_kill_9_and_is_known_by_its_key(tmp_path):
    receiver = HookReceiver()
    recorded = lives(tmp_path, receiver, kills=10)
    found = arrived(receiver)
    assert len(recorded) > 50
    assert recorded <= set(found)
    assert all(len(set(keys)) == 1 for keys in found.values())
    assert len({keys[0] for keys in found.values()}) == len(found)
    repeated = sum(len(keys) - 1 for keys in found.values())
    assert repeated <= 2 * 10  # what was under way at a kill, and its neighbours


@pytest.mark.slow
def test_a_courier_that_writes_off_before_it_sends_would_be_caught(tmp_path):
    receiver = HookReceiver()
    recorded = lives(tmp_path, receiver, kills=5, variant=("lossy",))
    assert not recorded <= set(arrived(receiver))
