import numpy as np
import pytest

from embereye.config.schema import Camera, Device, Place, Settings
from embereye.model.alarm import AlarmKind, Cause, Priority
from embereye.model.messages import (
    AssignDeviceAsked,
    CalibrationTaken,
    DeviceGone,
    DeviceSeen,
    PacketsRefused,
    RequestRefused,
    TableChanged,
)
from embereye.model.reading import DeviceState, Profile, SensorReading, ThermalFrame
from embereye.runtime.engine import Engine
from embereye.services.device_ports import DeviceHooks
from embereye.services.sensors import Sensors

CELLS = np.zeros((24, 32), np.float32)
SETTINGS = Settings(
    places=(Place(id="yard", name="Yard"),),
    cameras=(Camera(id="cam", name="Gate", source="0", place="yard"),),
    devices=(
        Device(id="d1", name="Boiler", camera="cam"),
        Device(id="slow", name="Slow", mode="on demand", poll=60.0),
        Device(id="off", name="Off", enabled=False),
    ),
)


class Desk:
    """The service with everything that comes out of it."""

    def __init__(self, clock, settings=SETTINGS, **more):
        self.clock = clock
        self.engine = Engine(clock)
        self.published, self.reports, self.assigned, self.kept = [], [], [], []
        self.sensors = Sensors(
            self.engine, self.published.append, self.reports.append, settings,
            memory=self, hooks=DeviceHooks(assign=self.assigned.append), **more,
        )  # fmt: skip
        self.engine.step()

    def seen(self, device, at, profile, address):
        self.kept.append(("seen", device))

    def save_calibration(self, device, words, at):
        self.kept.append(("calibration", device, words))

    def hear(self, device, **values):
        self.engine.post(SensorReading(device, self.clock.now(), **values))
        self.engine.step()

    def pass_time(self, seconds, step=0.1):
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            self.engine.step()

    def set_calibration_aside(self, device, words):
        self.kept.append(("aside", device, words))

    def save_location(self, device, location):
        self.kept.append(("location", device, location))

    def save_period(self, device, period):
        self.kept.append(("period", device, period))

    def save_firmware(self, device, firmware):
        self.kept.append(("firmware", device, firmware))

    def accept_aside(self, device):
        self.kept.append(("accepted", device))

    def status(self, device):
        return {status.id: status for status in self.sensors.current.devices}.get(device)

    def faults(self):
        return [(r.key.source, r.cause) for r in self.reports if r.cause is not Cause.CLEAR]


@pytest.fixture
def desk(clock):
    return Desk(clock)


def test_registered_devices_are_in_the_table_before_they_speak(desk):
    states = {status.id: status.state for status in desk.sensors.current.devices}
    assert states == {
        "d1": DeviceState.UNKNOWN,
        "slow": DeviceState.UNKNOWN,
        "off": DeviceState.DISABLED,
    }
    assert desk.status("d1").place == "yard"


def test_a_packet_makes_a_device_live(desk):
    desk.hear("d1", adc1=5)
    desk.pass_time(0.1)
    status = desk.status("d1")
    assert (status.state, status.packets, status.reading.adc1) == (DeviceState.LIVE, 1, 5)


def test_a_silent_device_is_suspect_and_then_a_fault(desk):
    for _ in range(10):
        desk.hear("d1", adc1=1)
        desk.pass_time(1.0)
    desk.pass_time(8.8)
    assert desk.status("d1").state is DeviceState.LIVE
    desk.pass_time(0.4)
    assert desk.status("d1").state is DeviceState.SUSPECT
    assert desk.faults() == []
    desk.pass_time(19.8)
    assert desk.status("d1").state is DeviceState.SILENT
    report = next(r for r in desk.reports if r.key.source == "d1" and r.cause is Cause.ACTIVE)
    assert (report.key.place, report.key.kind) == ("yard", AlarmKind.DEVICE_FAULT)
    assert report.priority is Priority.DIAGNOSTIC
    assert "Boiler" in report.reasons[0]
    assert report.cameras == ("cam",)


def test_a_fault_ends_with_the_next_packet_and_comes_back(desk):
    for _ in range(2):
        desk.hear("d1", adc1=1)
        desk.pass_time(31)
    desk.hear("d1", adc1=1)
    causes = [r.cause for r in desk.reports if r.key.source == "d1"]
    assert causes == [Cause.CLEAR, Cause.ACTIVE, Cause.CLEAR, Cause.ACTIVE, Cause.CLEAR]


def test_a_device_that_was_never_heard_ages_into_a_fault(desk):
    desk.pass_time(29)
    assert desk.faults() == []
    desk.pass_time(1.2)
    assert desk.faults() == [("d1", Cause.ACTIVE)]


def test_a_slow_device_gets_three_periods_and_five_seconds(desk):
    desk.hear("slow", adc1=1)
    desk.pass_time(179, step=1.0)
    assert desk.status("slow").state is DeviceState.LIVE
    desk.pass_time(4, step=1.0)
    assert desk.status("slow").state is DeviceState.SUSPECT
    desk.pass_time(3, step=1.0)
    assert ("slow", Cause.ACTIVE) in desk.faults()


def test_a_closed_connection_shows_at_once_but_is_no_fault_yet(desk, clock):
    desk.hear("d1", adc1=1)
    desk.engine.post(DeviceGone("d1", clock.now(), "closed by the device"))
    desk.engine.step()
    desk.pass_time(0.1)
    assert desk.status("d1").state is DeviceState.SUSPECT
    assert "closed" in desk.status("d1").note
    assert desk.faults() == []


def test_a_disabled_device_is_never_a_fault(desk):
    desk.pass_time(100, step=1.0)
    assert "off" not in {source for source, _ in desk.faults()}


def test_strangers_are_offered_and_never_a_fault(desk, clock):
    desk.hear("new", adc1=1)
    desk.pass_time(0.1)
    status = desk.status("new")
    assert (status.assigned, status.place, status.name) == (False, "unassigned:new", "new")
    desk.engine.post(DeviceGone("new", clock.now(), "closed"))
    desk.pass_time(60, step=1.0)
    assert "new" not in {source for source, _ in desk.faults()}
    desk.pass_time(600, step=1.0)
    assert desk.status("new") is None


def test_assigning_a_stranger_changes_the_settings_and_keeps_its_state(desk):
    desk.hear("new", adc1=1)
    asked = AssignDeviceAsked("new", "New one", "yard", None, "operator")
    desk.engine.post(asked)
    desk.engine.step()
    assert desk.assigned == [asked]

    more = (*SETTINGS.devices, Device(id="new", name="New one", place="yard"))
    desk.sensors.apply(SETTINGS.model_copy(update={"devices": more}))
    desk.pass_time(0.1)

    status = desk.status("new")
    assert (status.assigned, status.place, status.packets) == (True, "yard", 1)


def test_assigning_what_is_unknown_is_refused_in_words(desk):
    desk.engine.post(AssignDeviceAsked("ghost", "G", "yard", None, "operator"))
    desk.engine.step()
    assert desk.assigned == []
    assert [m.actor for m in desk.published if isinstance(m, RequestRefused)] == ["operator"]


def test_a_device_that_moves_takes_its_fault_along(desk):
    desk.pass_time(31)
    moved = (SETTINGS.devices[0].model_copy(update={"place": "attic"}), *SETTINGS.devices[1:])
    desk.sensors.apply(SETTINGS.model_copy(update={"devices": moved}))
    desk.pass_time(0.5)
    mine = [(r.key.place, r.cause) for r in desk.reports if r.key.source == "d1"]
    assert mine == [("yard", Cause.ACTIVE), ("yard", Cause.CLEAR), ("attic", Cause.ACTIVE)]


def test_a_flood_publishes_at_most_every_10_ms(desk, clock):
    desk.pass_time(0.1)
    before = sum(isinstance(m, TableChanged) for m in desk.published)
    for _ in range(1000):
        clock.advance(0.0001)
        desk.hear("d1", adc1=1)
    after = sum(isinstance(m, TableChanged) for m in desk.published)
    assert 9 <= after - before <= 11
    desk.pass_time(0.1)
    assert desk.status("d1").packets == 1000


def test_facts_of_the_connection_reach_the_table(desk, clock):
    at = clock.now()
    desk.engine.post_many(
        [
            DeviceSeen("d1", at, "10.0.0.5", Profile.MLX90640, True, "look"),
            PacketsRefused("d1", "10.0.0.5", 3, "cut", at),
            PacketsRefused(None, "10.0.0.6", 9, "cut", at),
        ]
    )
    desk.engine.step()
    desk.pass_time(0.1)
    status = desk.status("d1")
    assert (status.address, status.profile, status.waiting_calibration) == (
        "10.0.0.5",
        Profile.MLX90640,
        True,
    )
    assert (status.corrupt, status.note) == (3, "look")


def test_invented_names_do_not_fill_the_disk(desk, clock):
    at = clock.now()
    for number in range(5_000):
        name = f"stranger{number}"
        desk.engine.post(CalibrationTaken(name, b"w" * 1664, at))
        desk.engine.post(DeviceSeen(name, at, "a", Profile.RAW, False, location=name))
        desk.engine.step()
    desk.engine.post(CalibrationTaken("d1", b"w" * 1664, at))
    desk.engine.post(CalibrationTaken("stranger0", b"v" * 1664, at))
    desk.engine.step()
    assert len({row[1] for row in desk.kept} - {"d1"}) == 2_000
    assert [row[1] for row in desk.kept[-2:]] == ["d1", "stranger0"]


def test_learned_facts_are_kept(desk, clock):
    at = clock.now()
    desk.engine.post(CalibrationTaken("d1", b"w" * 1664, at))
    desk.engine.post(CalibrationTaken("d1", b"v" * 1664, at, aside=True))
    for _ in range(2):
        desk.engine.post(DeviceSeen("d1", at, "a", Profile.RAW, False, location="cam01"))
    desk.hear("d1", adc1=1)
    desk.pass_time(1.0)
    assert desk.kept == [
        ("calibration", "d1", b"w" * 1664),
        ("aside", "d1", b"v" * 1664),
        ("location", "d1", "cam01"),
        ("seen", "d1"),
    ]


def test_a_stranger_is_noted_on_the_disk_when_it_has_stayed_for_a_minute(desk):
    desk.hear("fleeting", adc1=1)
    for _ in range(62):
        desk.hear("staying", adc1=1)
        desk.pass_time(1.0, step=0.5)
    assert ("seen", "staying") in desk.kept
    assert ("seen", "fleeting") not in desk.kept


def live(desk, seconds, *, heat=True, values=True):
    """A second of a device with both kinds of packets, so many times."""
    for _ in range(seconds):
        at = desk.clock.now()
        if heat:
            desk.engine.post(ThermalFrame("d1", at, Profile.CENTI27, CELLS, CELLS, 20.0))
        if values:
            desk.engine.post(SensorReading("d1", at, adc1=1))
        desk.pass_time(1.0)


def of_d1(desk):
    return [(r.cause, r.reasons[0]) for r in desk.reports if r.key.source == "d1"][1:]


@pytest.mark.parametrize(
    ("missing", "words"), [("heat", "thermal pictures"), ("values", "flame and smoke values")]
)
def test_a_kind_of_packet_that_stops_while_the_device_lives_is_a_fault(desk, missing, words):
    live(desk, 20)
    live(desk, 29, **{missing: False})
    assert of_d1(desk) == []
    live(desk, 3, **{missing: False})
    ((cause, reason),) = of_d1(desk)
    assert cause is Cause.ACTIVE
    assert words in reason
    assert desk.status("d1").state is DeviceState.LIVE
    desk.sensors.apply(SETTINGS)  # an unrelated change of settings says nothing new
    live(desk, 5, **{missing: False})
    assert len(of_d1(desk)) == 1
    live(desk, 2)
    assert [cause for cause, _ in of_d1(desk)] == [Cause.ACTIVE, Cause.CLEAR]


def test_a_device_that_comes_back_has_time_to_send_every_kind(desk):
    live(desk, 20)
    desk.pass_time(40)
    live(desk, 20, heat=False)
    live(desk, 20)
    assert [cause for cause, _ in of_d1(desk)] == [Cause.ACTIVE, Cause.CLEAR]


def test_a_kind_that_came_only_once_is_not_waited_for(desk):
    live(desk, 2)
    live(desk, 100, heat=False)
    assert of_d1(desk) == []


def test_a_device_without_calibration_is_a_fault_after_a_minute_until_it_comes(clock):
    desk = Desk(clock)

    def seen(waiting):
        now = clock.now()
        desk.engine.post(DeviceSeen("d1", now, "10.0.0.1", Profile.MLX90640, waiting))

    seen(True)
    for _ in range(61):
        desk.hear("d1", adc1=1)
        desk.pass_time(1.0)
    (fault,) = [r for r in desk.reports if r.cause is Cause.ACTIVE and r.key.source == "d1"]
    assert "its heat raises no alarm" in fault.reasons[0]
    seen(False)
    desk.hear("d1", adc1=1)
    desk.pass_time(1.0)
    assert [r.cause for r in desk.reports if r.key.source == "d1"][-1] is Cause.CLEAR
