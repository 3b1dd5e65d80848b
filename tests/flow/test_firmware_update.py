"""Firmware from its maker to the devices: real TUF, storage, sockets, program; no window."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from firmware_parts import Maker

from embereye.app import Program, Site
from embereye.cli.main import run_command_line
from embereye.cli.output import Exit
from embereye.config.load import Layers
from embereye.config.schema import Detection, Device, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.sensor_options import Firmware
from embereye.config.store import SettingsStore
from embereye.demo.keys import enrolled
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import SimulatedDevice, Speaker
from embereye.ingest.simulate_firmware import FirmwareReceiver
from embereye.model.alarm import AlarmKind
from embereye.model.firmware import Rollout, UpdateState
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.messages import AcknowledgeAsked, ResetAsked
from embereye.model.reading import DeviceStatus
from embereye.runtime.clock import SystemClock
from embereye.runtime.instance import Ownership
from embereye.runtime.worker import PlainThreads

pytestmark = pytest.mark.paced

_WAIT = 30.0  # s; a loaded machine is slow
_IMAGE = bytes(range(256)) * 8  # 2,048 bytes: two pieces
_NAMES = ("d1", "d2", "d3")
_FIRE = b"Sensor:ADC1=270,ADC2=1310,DIO=1"
_CALM = b"Sensor:ADC1=270,ADC2=1310,DIO=0"


def _until(met: Callable[[], object], what: str) -> None:
    end = time.monotonic() + _WAIT
    while not met():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class _Control:
    """One control room: a program with the settings of three devices, and the devices."""

    def __init__(self, folder: Path, firmware: Firmware) -> None:
        self.folder = folder
        self.port = _free_port()
        self.store = SettingsStore(Layers(folder / "settings.toml", environment={}))
        devices = tuple(Device(id=name, name=name, profile="centi27") for name in _NAMES)
        sensors = Sensors(port=self.port, firmware=firmware)
        quiet = Detection(enabled=False)
        self.store.save({"devices": devices, "sensors": sensors, "detection": quiet}, 0)
        self.receivers = {name: FirmwareReceiver("1.0.0") for name in _NAMES}
        self.burning: set[str] = set()  # says so when it is told of an image
        self.program: Program

    @contextmanager
    def running(self) -> Iterator[None]:
        """The program, with its port for commands."""
        owner = Ownership(self.folder, lambda: None)
        secrets = FileSecrets(self.folder)
        site = Site(self.folder, self.store, secrets, PlainThreads(), SystemClock())
        self.program = Program(site)
        owner.on_request = self.program.devices.answer
        try:
            self.program.start()
            self.program.supervise("owner", owner)
            yield
        finally:
            self.program.stop()
            owner.release()

    @contextmanager
    def devices(self) -> Iterator[DeviceSimulator]:
        """The devices; they need a running program, which gives them their keys, to begin."""
        enrolment, secrets = self.program.devices.enrolment, FileSecrets(self.folder)
        played = [enrolled(self._device(name), enrolment, secrets) for name in _NAMES]
        simulator = DeviceSimulator("127.0.0.1", self.port, played, SystemClock())
        stop = Event()
        thread = Thread(target=simulator.run, args=(stop,))
        thread.start()
        try:
            _until(lambda: all(self.status(n).verified for n in _NAMES), "devices connect")
            yield simulator
        finally:
            stop.set()
            thread.join(_WAIT)
            assert not thread.is_alive()

    def run(self, *words: object) -> int:
        told = [str(word) for word in words]
        return run_command_line(["--data-dir", str(self.folder), "devices", "firmware", *told])

    def status(self, name: str) -> DeviceStatus:
        table = self.program.devices.sensors.current.devices
        return next(status for status in table if status.id == name)

    def versions(self) -> list[str]:
        return [self.status(name).firmware for name in _NAMES]

    @property
    def rollout(self) -> Rollout:
        return self.program.devices.firmware.current

    def states(self) -> list[UpdateState]:
        return [update.state for update in self.rollout.updates]

    def fires(self) -> list[str]:
        alarms = self.program.alarms.current.alarms
        return [str(a.key.place) for a in alarms if a.key.kind is AlarmKind.FIRE]

    def put_out(self, place: str) -> None:
        """The fire is out, and a person says so."""
        self.burning.discard(place)
        (alarm,) = (a.id for a in self.program.alarms.current.alarms if a.key.place == place)
        self.program.engine.post(AcknowledgeAsked(alarm, "ada"))
        _until(lambda: self._reset(alarm), "the alarm is closed")

    def _reset(self, alarm: AlarmId) -> bool:
        self.program.engine.post(ResetAsked(alarm, "ada"))
        return not self.fires()

    def _device(self, name: str) -> SimulatedDevice:
        def obey(body: bytes, speaker: Speaker) -> None:
            if name in self.burning and body.startswith(b"FW:"):
                speaker.say(_FIRE)
            self.receivers[name].on_command(body, speaker)

        device = SimulatedDevice(name, profile="centi27", rate=5.0, on_command=obey)
        return replace(device, firmware=self.receivers[name].version, half_duplex=name == "d1")


@pytest.fixture
def maker() -> Maker:
    made = Maker(time.time())
    made.images["1.4.0"] = _IMAGE
    return made


@pytest.fixture
def stick(tmp_path: Path, maker: Maker) -> Path:
    return maker.publish(tmp_path / "stick")


@pytest.fixture
def control(tmp_path: Path) -> _Control:
    return _Control(tmp_path / "data", Firmware(watch=1.0))


def _import(control: _Control, stick: Path) -> None:
    assert control.run("trust", stick / "metadata" / "root.json") == Exit.OK
    assert control.run("import", stick) == Exit.OK


def test_all_devices_are_updated_and_a_fire_meanwhile_alarms(
    control: _Control, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with control.running(), control.devices() as simulator:
        _import(control, stick)
        control.burning = {"d2"}
        assert control.run("roll-out", "1.4.0") == Exit.OK
        _until(lambda: control.states(), "the first device is begun")
        assert len(control.rollout.updates) == 1
        _until(lambda: control.fires() == ["d2"], "the fire alarms")
        _until(lambda: control.states().count(UpdateState.DONE) == 2, "the others are done")
        assert control.versions() == ["1.4.0", "1.0.0", "1.4.0"]  # no restart during a fire
        control.put_out("d2")
        _until(lambda: control.rollout.finished, "all are done")
        assert control.versions() == ["1.4.0"] * 3
        assert [r.restarts for r in control.receivers.values()] == [1, 1, 1]
        assert [control.status(n).missed for n in _NAMES] == [0, 0, 0]
        assert simulator.spoilt == 0  # the half-duplex one got everything in its rests
        capsys.readouterr()
        assert control.run("status", "--json") == Exit.OK
        told = json.loads(capsys.readouterr().out)
        assert (told["version"], told["finished"], told["halted"]) == ("1.4.0", True, None)
        assert [device["state"] for device in told["devices"]] == ["done"] * 3
    lines = [line.text for n in _NAMES for line in control.program.devices.log.lines(DeviceId(n))]
    assert not any("DATA" in text or _IMAGE[:4].hex() in text for text in lines)
    assert not any("no answer" in text and "FW" in text for text in lines)


def test_a_tampered_repository_changes_nothing(
    control: _Control, maker: Maker, stick: Path, tmp_path: Path
) -> None:
    with control.running(), control.devices():
        _import(control, stick)
        maker.images["1.5.0"] = b"genuine" * 100
        evil = maker.publish(tmp_path / "evil")
        (path,) = (evil / "targets").glob("*1.5.0.bin")
        path.write_bytes(b"evil" * 175)
        assert control.run("import", evil) == Exit.USAGE
        assert control.run("roll-out", "1.5.0") == Exit.USAGE
        assert control.versions() == ["1.0.0"] * 3
        assert control.rollout == Rollout()
        security = control.program.devices.security
        _until(lambda: any("refused" in e.text for e in security.current.events), "the event")


def test_a_device_that_fails_keeps_the_others_from_being_begun(
    control: _Control, stick: Path
) -> None:
    for receiver in control.receivers.values():
        receiver.command = lambda body: b"FW:FAIL:battery low"  # type: ignore[method-assign]
    with control.running(), control.devices():
        _import(control, stick)
        assert control.run("roll-out", "1.4.0") == Exit.OK
        _until(lambda: control.rollout.halted, "the halt")
        assert "battery low" in control.rollout.halted
        time.sleep(1.5)  # a look at the roll-out later
        assert control.states() == [UpdateState.FAILED]
        assert control.versions() == ["1.0.0"] * 3


def test_a_roll_out_goes_on_after_the_program_was_restarted(
    control: _Control, maker: Maker, tmp_path: Path
) -> None:
    maker.images["1.4.0"] = b"one piece"
    stick = maker.publish(tmp_path / "stick")
    with control.running():
        # The devices outlive the first program.
        devices = control.devices()
        devices.__enter__()
        try:
            _import(control, stick)
            assert control.run("roll-out", "1.4.0") == Exit.OK
            _until(lambda: control.states(), "the first device is begun")
        except BaseException:
            devices.__exit__(None, None, None)
            raise
    try:
        with control.running():
            _until(lambda: control.states() == [UpdateState.DONE] * 3, "all are done")
            assert control.versions() == ["1.4.0"] * 3
            assert control.rollout.halted == ""
    finally:
        devices.__exit__(None, None, None)
    assert [r.restarts for r in control.receivers.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("below", "state"), [("mark", "old"), ("quarantine", "quarantined"), ("refuse", "refused")]
)
def test_old_firmware_is_shown_and_its_fire_still_alarms(
    tmp_path: Path, below: str, state: str
) -> None:
    policy = Firmware.model_validate({"minimum": "1.2.0", "below": below})
    control = _Control(tmp_path / "data", policy)
    with control.running(), control.devices():
        _until(lambda: control.status("d1").firmware_state == state, "the badge")
        control.burning = {"d1"}
        control.program.devices.server.ask(DeviceId("d1"), "FW:DATA:0:00")
        _until(lambda: control.fires() == ["d1"], "the fire alarms")
