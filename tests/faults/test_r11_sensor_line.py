"""R11 in real time: devices behind a network that fails, through the real listener."""

from contextlib import ExitStack, contextmanager
from queue import Empty, Queue
from threading import Event, Thread

import pytest
from device_parts import MemoryStore
from fault_proxy import Fault, FaultProxy

from embereye.config.schema import Device, Settings
from embereye.config.schema import Sensors as Listener
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate import DeviceSimulator, SimulatedDevice
from embereye.model.alarm import AlarmKind
from embereye.model.messages import AlarmChanged, DeviceGone, TableChanged
from embereye.model.reading import DeviceState
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.alarms import Alarms
from embereye.services.sensors import Sensors

EACH = 5  # devices behind each network


class Line:
    """Listener, engine, register and alarms, and networks of simulated devices."""

    def __init__(self, networks):
        self.clock = SystemClock()
        self.engine = Engine(self.clock)
        rows = tuple(
            Device(id=f"{name}{n}", name=f"{name} {n}") for name in networks for n in range(EACH)
        )
        self.lost = Queue()
        self.faults = Queue()
        self.shown = Event()
        alarms = Alarms(self.engine, self._publish, MemoryStore())
        self.sensors = Sensors(self.engine, self._publish, alarms.report, Settings(devices=rows))
        self.server = SensorServer(self.engine, self.clock, Listener(port=0), rows)
        self.engine.on(DeviceGone, lambda gone: self.lost.put((gone.device, self.clock.mono())))
        self.proxies = {}
        self.networks = networks

    def _publish(self, message):
        if isinstance(message, TableChanged):
            self.shown.set()
        elif isinstance(message, AlarmChanged) and message.announced:
            assert message.alarm.key.kind is AlarmKind.DEVICE_FAULT
            self.faults.put((message.alarm.key.source, message.at.mono))

    def states(self, network):
        return [d.state for d in self.sensors.current.devices if d.id.startswith(network)]

    def wait_for(self, state):
        """Until every device is shown in this state."""
        end = self.clock.mono() + 20.0
        expected = [state] * EACH * len(self.networks)
        while [d.state for d in self.sensors.current.devices] != expected:
            assert self.clock.mono() < end
            self.shown.clear()
            self.shown.wait(1.0)

    @contextmanager
    def running(self):
        stop, threads = Event(), []

        def start(run):
            threads.append(Thread(target=run, args=(stop,)))
            threads[-1].start()

        with ExitStack() as stack:
            stack.callback(lambda: [thread.join(10.0) for thread in threads])
            stack.callback(self.engine.mailbox.wake)
            stack.callback(stop.set)
            start(self.engine.run)
            start(self.server.run)
            assert self.server.listening.wait(10.0)
            for name in self.networks:
                proxy = self.proxies[name] = FaultProxy(self.server.port)
                start(proxy.run)
                assert proxy.ready.wait(10.0)
                devices = [
                    SimulatedDevice(f"{name}{n}", "centi27", rate=2.0, seed=n) for n in range(EACH)
                ]
                start(DeviceSimulator("127.0.0.1", proxy.port, devices, self.clock).run)
            self.wait_for(DeviceState.LIVE)
            yield stop


def taken(queue, count, timeout):
    """So many items, or those that came in time."""
    found = []
    try:
        while len(found) < count:
            found.append(queue.get(timeout=timeout))
    except Empty:
        pass
    return found


@pytest.mark.paced
@pytest.mark.parametrize("fault", [Fault.CLOSE, Fault.RESET])
def test_a_connection_that_ends_is_noticed_within_a_second_and_comes_back(fault):
    line = Line(["cut"])
    with line.running():
        began = line.clock.mono()
        line.proxies["cut"].fault = fault
        lost = taken(line.lost, EACH, 5.0)
        assert len(lost) >= EACH
        line.wait_for(DeviceState.SUSPECT)
        assert line.clock.mono() - began <= 1.0
        line.proxies["cut"].fault = Fault.NONE
        line.wait_for(DeviceState.LIVE)
    assert line.faults.empty()


@pytest.mark.slow
@pytest.mark.paced
def test_half_open_connections_are_faults_within_30_s_and_gaps_of_3_s_are_none():
    line = Line(["hole", "gap", "good"])
    with line.running() as stop:
        began = line.clock.mono()
        line.proxies["hole"].fault = Fault.HOLE
        while line.clock.mono() - began < 32.0:
            line.proxies["gap"].fault = Fault.GAP
            stop.wait(3.0)
            line.proxies["gap"].fault = Fault.NONE
            stop.wait(1.0)
            assert set(line.states("gap") + line.states("good")) == {DeviceState.LIVE}
        faults = taken(line.faults, EACH, 1.0)
        assert sorted(source for source, _ in faults) == [f"hole{n}" for n in range(EACH)]
        assert max(at for _, at in faults) - began <= 30.5  # 0.5 s: the last packet before
        assert line.faults.empty()
