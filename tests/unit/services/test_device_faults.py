"""What is wrong with a device: one alarm, announced when it is news, never for ever again."""

import numpy as np
import pytest
from device_parts import CYCLE, ONE, D, Site

from embereye.config.schema import Device, Settings
from embereye.model.alarm import AlarmState, Cause
from embereye.model.device_messages import RelearnAsked
from embereye.model.messages import DeviceGone, DeviceSeen, PacketsRefused
from embereye.model.reading import DeviceState, Profile, SensorReading, ThermalFrame
from embereye.services.device_ports import DeviceHooks
from embereye.storage.devices import LearnedDevice

PICTURE = np.zeros((24, 32), np.float32)


@pytest.fixture
def site():
    return Site()


def frame(site, number, *, vdd=3.28, hot=20.0, profile=Profile.MLX90640):
    words = number.to_bytes(4) * 417
    site.post(
        ThermalFrame(
            D, site.clock.now(), profile, PICTURE, PICTURE, hot, vdd_volt=vdd, ta_celsius=30.0,
            words=words,
        )
    )  # fmt: skip


def real_device(site, cycles, *, same=False, vdd=3.28):
    for number in range(cycles):
        frame(site, 0 if same else number + 1, vdd=vdd)
        site.hear(adc1=270 + number % 3, adc2=1310)
        site.run(CYCLE, step=CYCLE / 8)


def reasons(site):
    return site.fault.reasons if site.fault else ()


def test_a_low_supply_is_a_doubt_at_once_and_a_fault_after_a_minute(site):
    real_device(site, 1, vdd=2.95)
    assert site.status().doubts == ("supply 2.95 V",)
    real_device(site, 10, vdd=2.95)
    assert site.announced == []
    real_device(site, 6, vdd=2.95)
    assert len(site.announced) == 1
    assert reasons(site)[0].startswith("device Boiler has a supply of 2.95 V")
    assert "check its battery" in reasons(site)[0]
    real_device(site, 2)
    assert site.fault is None
    assert site.status().doubts == ()


def test_a_device_in_doubt_stays_live_and_its_values_reach_the_table(site):
    real_device(site, 20, vdd=2.95)
    frame(site, 99, vdd=2.95, hot=300.0)
    status = site.status()
    assert status.state is DeviceState.LIVE
    assert status.thermal.max_celsius == 300.0


def test_a_frozen_picture_is_a_fault_within_half_a_minute(site):
    real_device(site, 5)
    frozen = site.clock.mono()
    real_device(site, 8, same=True)
    (at, alarm) = site.announced[0]
    assert at - frozen <= 30.0
    assert "one thermal picture" in alarm.reasons[0]
    real_device(site, 2)
    assert site.fault is None


def test_the_fault_of_a_device_that_never_spoke_says_how_long(site):
    site.run(31.0)
    assert reasons(site)[0].startswith("device Boiler has not been heard for 30 s")


def test_a_silent_device_is_announced_though_a_lesser_fault_was_acknowledged(site):
    real_device(site, 20, vdd=2.95)
    site.acknowledge()
    site.run(31.0)
    assert len(site.announced) == 2
    assert site.fault.state is AlarmState.UNACKNOWLEDGED
    assert "sent nothing" in reasons(site)[0]
    assert "supply" in reasons(site)[1]


def test_a_lesser_reason_joins_a_graver_one_silently(site):
    real_device(site, 5, vdd=2.95)
    site.run(31.0)
    site.acknowledge()
    (silence,) = reasons(site)
    site.run(60.0)
    assert len(site.announced) == 1
    assert len(reasons(site)) == 2
    assert reasons(site)[0] == silence  # its first words stay


def test_a_reason_keeps_its_first_words(site):
    real_device(site, 5)
    site.run(31.0)
    said = reasons(site)
    site.run(300.0)
    assert reasons(site) == said
    assert len(site.announced) == 1


def flap(site, times, up, down):
    for _ in range(times):
        site.hear(adc1=1)
        site.run(up)
        site.post(DeviceGone(D, site.clock.now(), "closed"))
        site.run(down)


def test_a_device_that_reconnects_again_and_again_is_one_fault(site):
    site.live(30)
    flap(site, 30, 10.0, 5.0)
    assert len(site.announced) == 1
    assert "unstable connection" in reasons(site)[0]
    site.live(590)
    assert site.fault is not None
    site.live(20)
    assert site.fault is None
    assert len(site.announced) == 1


def test_an_unstable_device_that_does_not_come_back_is_announced_as_lost(site):
    site.live(30)
    flap(site, 10, 10.0, 5.0)
    site.acknowledge()
    site.run(280.0)
    assert len(site.announced) == 1
    assert any("sent nothing" in reason for reason in reasons(site))
    site.run(20.0)
    assert len(site.announced) == 2
    assert site.fault.state is AlarmState.UNACKNOWLEDGED


def test_lesser_faults_never_chatter(site):
    """Ten frames a second that are refused five times and taken once."""
    at = site.clock.now
    site.live(10)
    for _ in range(200):
        for _ in range(5):
            site.post(PacketsRefused(D, "a", 1, "A thermal frame is odd.", at()))
            site.run(0.1, step=0.1)
        site.run(0.3)
        frame(site, int(at().mono * 10))
        site.hear()
        site.run(0.1, step=0.1)
    times = [when for when, _ in site.announced]
    assert len(times) > 2
    assert all(c - a > 60.0 for a, c in zip(times, times[2:], strict=False))


def test_an_implausible_calibration_is_doubted_and_becomes_a_fault(site):
    at = site.clock.now
    site.post(DeviceSeen(D, at(), "a", Profile.MLX90640, waiting_calibration=True))
    site.post(PacketsRefused(D, "a", 1, "The calibration is not that of a working sensor.", at()))
    site.hear()
    assert site.status().doubts == ("calibration implausible",)
    site.live(62)
    assert "implausible calibration" in reasons(site)[0]
    site.post(DeviceSeen(D, at(), "a", Profile.MLX90640, waiting_calibration=False))
    site.live(1)
    assert site.status().doubts == ()
    assert site.fault is None


def test_a_constant_simulator_is_doubted_and_never_a_fault(site):
    for _ in range(200):
        frame(site, 0, profile=Profile.CENTI27)
        site.hear(adc1=5)
        site.run(2.0)
    assert site.announced == []
    assert sorted(site.status().doubts) == ["frozen picture", "stuck values"]


def test_strangers_have_doubts_but_no_faults():
    site = Site(Settings())
    real_device(site, 30, vdd=2.5)
    assert site.status().doubts == ("supply 2.50 V",)
    assert site.reports == []


# --- the expected period ---------------------------------------------------------------------


class Memory:
    """Keeps what it is told, like the database."""

    def __init__(self):
        self.periods = []
        self.firmware = []
        self.accepted = []

    def seen(self, device, at, profile, address):
        pass

    def save_period(self, device, period):
        self.periods.append(period)

    def save_firmware(self, device, firmware):
        self.firmware.append(firmware)

    def accept_aside(self, device):
        self.accepted.append(device)


def test_the_expected_period_is_set_or_learned_or_that_of_a_real_device(site):
    assert site.status().expected == CYCLE
    site.live(20, 2.0)
    assert site.status().expected == pytest.approx(2.0, rel=0.1)
    site.sensors.apply(Settings(devices=(Device(id="d", name="D", period=12.5),)))
    assert site.status().expected == 12.5


def test_a_slow_device_is_learned_without_becoming_unstable(site):
    site.live(60)
    site.sensors.apply(ONE)
    for _ in range(6):
        site.hear()
        site.run(20.0)
    assert site.status().expected == pytest.approx(20.0)
    assert site.fault is None
    assert site.announced == []


def test_a_learned_period_counts_from_the_first_second_of_the_next_run():
    memory = Memory()
    first = Site(memory=memory)
    first.live(300, 15.0)
    (period,) = memory.periods
    assert period == pytest.approx(15.0, rel=0.1)

    after = Site(memory=memory, learned={D: LearnedDevice(D, period=period)})
    assert after.status().expected == period
    after.hear()
    after.run(40.0)
    assert after.status().state is DeviceState.LIVE  # 3 periods are 45 s
    ignorant = Site()
    ignorant.hear()
    ignorant.run(40.0)
    assert ignorant.status().state is DeviceState.SILENT


def test_relearning_forgets_the_period_here_on_disk_and_elsewhere():
    memory, others, rows = Memory(), [], []
    hooks = DeviceHooks(relearn=others.append, record=lambda *row: rows.append(row))
    site = Site(memory=memory, hooks=hooks)
    site.live(60, 2.0)
    site.post(RelearnAsked(D, "anna"))
    site.run(0.2)
    assert memory.periods[-1] is None
    assert others == [D]
    assert rows[-1][:3] == ("device", "d", "anna")
    assert site.status().expected == CYCLE


def test_a_fault_of_the_last_run_ends_with_the_first_packet():
    site = Site()
    site.hear()
    assert [report.cause for report in site.reports] == [Cause.CLEAR]


def test_looking_at_two_hundred_healthy_devices_reports_nothing():
    rows = tuple(Device(id=f"d{n}", name=f"D{n}") for n in range(200))
    site = Site(Settings(devices=rows))
    for second in range(20):
        now = site.clock.now()
        site.post(*[SensorReading(row.id, now, adc1=second) for row in rows])
        site.run(1.0)
    assert {report.cause for report in site.reports} == {Cause.CLEAR}
    assert len(site.reports) == 200


def test_packets_of_the_last_run_make_no_device_live_and_no_fault(site):
    past = site.clock.now().later(-55.0)
    site.post(
        SensorReading(D, past, adc1=1, repeated=True),
        ThermalFrame(D, past, Profile.CENTI27, PICTURE, PICTURE, 20.0, repeated=True),
    )
    site.run(25.0)
    assert site.status().state is DeviceState.UNKNOWN
    assert site.announced == []
