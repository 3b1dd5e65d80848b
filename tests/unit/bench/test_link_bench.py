"""Commands on half-duplex lines: ours spoil nothing, and a sender without a schedule does."""

import json
import socket
from threading import Event, Thread

import pytest

from embereye.bench import link
from embereye.bench.link import Plan
from embereye.cli.main import run_command_line
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.runtime.clock import SystemClock


def values(report):
    return {name: metric.value for name, metric in report.metrics.items()}


@pytest.mark.serial
def test_fast_devices_lose_no_frame_to_our_commands():
    found = values(link.run(Plan(devices=5, cycles=20, pace=0.1, breaks=False)))
    assert found["corrupted_by_us"] == found["never_answered"] == 0
    assert found["answered"] == found["commands"] > 10


@pytest.mark.serial
def test_the_devices_of_the_bench_notice_a_sender_that_does_not_wait():
    stop = Event()
    devices = [SimulatedDevice(str(n), rate=2.0, seed=n, half_duplex=True) for n in range(20)]
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        simulator = DeviceSimulator(*server.getsockname(), devices, SystemClock())
        thread = Thread(target=simulator.run, args=(stop,))
        thread.start()
        peers = [server.accept()[0] for _ in devices]
        for _ in range(60):
            for peer in peers:
                peer.sendall(b"REQUEST1")
            stop.wait(0.05)
        stop.set()
        thread.join(10)
        for peer in peers:
            peer.close()
    assert simulator.spoilt > 20


def test_the_command_takes_its_plan(capsys):
    words = ["bench", "link", "--devices", "2", "--cycles", "5", "--pace", "0.05", "--json"]
    assert run_command_line(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["profile"] == "link"
    assert found["metrics"]["corrupted_by_us"]["value"] == 0
    assert "2 half-duplex devices × 5 cycles of 0.204 s" in found["notes"][0]


@pytest.mark.parametrize("words", [["--devices", "0"], ["--cycles", "x"], ["--pace", "nan"]])
def test_a_plan_that_cannot_be_played_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        run_command_line(["bench", "link", *words])
    assert words[0] in capsys.readouterr().err
