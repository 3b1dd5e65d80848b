"""What authenticated devices tell: identity, clock, firmware, missed packets."""

import pytest
from device_parts import ONE, D, Site

from embereye.config.schema import Sensors as Listener
from embereye.config.sensor_options import Firmware
from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.device_messages import DeviceAuthenticated, DeviceClock, PacketsMissed
from embereye.model.messages import DeviceGone
from embereye.model.reading import DeviceState
from embereye.services.device_ports import DeviceHooks
from embereye.storage.devices import LearnedDevice

RING = KeyRing([DeviceKey(D, "k1", bytes(32), KeyState.ACTIVE, 0.0)])


def with_policy(minimum, below):
    return ONE.model_copy(
        update={"sensors": Listener(firmware=Firmware(minimum=minimum, below=below))}
    )


def hello(site, firmware="1.4.0"):
    site.post(DeviceAuthenticated(D, site.clock.now(), "10.0.0.5", "k1", firmware))


def test_a_device_is_verified_while_its_proven_connection_lives():
    site = Site()
    assert not site.status().verified
    hello(site)
    status = site.status()
    assert (status.verified, status.enrolled, status.firmware) == (True, True, "1.4.0")
    assert status.address == "10.0.0.5"
    site.post(DeviceGone(D, site.clock.now(), "closed"))
    status = site.status()
    assert (status.verified, status.enrolled, status.firmware) == (False, True, "1.4.0")


def test_keys_say_who_is_enrolled_and_a_device_without_keys_is_not_verified():
    site = Site()
    site.sensors.know_keys(RING)
    assert site.status().enrolled
    assert not site.status().verified
    hello(site)
    site.sensors.know_keys(KeyRing())
    status = site.status()
    assert (status.enrolled, status.verified) == (False, False)


def test_a_stranger_that_was_enrolled_is_known_as_such():
    site = Site()
    site.sensors.know_keys(KeyRing([DeviceKey("x", "k", bytes(32), KeyState.ACTIVE, 0.0)]))
    site.hear("x")
    assert site.status("x").enrolled


def test_missed_packets_are_counted():
    site = Site()
    for count in (3, 4):
        site.post(PacketsMissed(D, count, site.clock.now()))
    assert site.status().missed == 7


def clock(site, offset, believed):
    site.post(DeviceClock(D, site.clock.now(), offset, believed))


def test_a_clock_that_stays_wrong_for_five_minutes_is_a_fault_until_it_is_right():
    site = Site()
    clock(site, 86_400.0, False)
    status = site.status()
    assert (status.clock_offset, status.clock_believed) == (86_400.0, False)
    site.live(295)
    assert site.fault is None
    clock(site, 86_400.5, False)
    site.live(10)
    assert "86400 s off; it was told the time" in site.fault.reasons[0]
    clock(site, 0.1, True)
    site.live(1)
    assert site.fault is None
    assert site.status().clock_believed


@pytest.mark.parametrize(
    ("below", "state", "kept_apart"),
    [("mark", "old", False), ("quarantine", "quarantined", True), ("refuse", "refused", True)],
)
def test_old_firmware_is_marked_or_quarantined_as_the_policy_says(below, state, kept_apart):
    site = Site(with_policy("1.5", below))
    hello(site, "1.4.0")
    site.live(2)
    assert site.status().firmware_state == state
    assert site.sensors.quarantined(D) is kept_apart
    assert site.sensors.current_quarantine == (frozenset({D}) if kept_apart else frozenset())
    assert (site.fault is not None) is kept_apart
    assert site.status().state is DeviceState.LIVE


def test_the_rules_are_told_each_change_of_the_quarantine():
    told = []
    site = Site(with_policy("1.5", "quarantine"), hooks=DeviceHooks(quarantine=told.append))
    for version in ("1.4", "1.4", "1.6"):
        hello(site, version)
    assert told == [frozenset({D}), frozenset()]


def test_a_quarantine_says_what_to_do_and_ends_with_the_update():
    site = Site(with_policy("1.5", "quarantine"))
    hello(site, "1.4.0")
    site.live(2)
    assert "older than 1.5" in site.fault.reasons[0]
    assert "update it" in site.fault.reasons[0]
    hello(site, "1.5.0")
    site.live(2)
    assert site.fault is None
    assert not site.sensors.quarantined(D)


@pytest.mark.parametrize("firmware", ["", "latest", "1.x", "9" * 100])
def test_an_unreadable_version_of_an_authenticated_device_is_below_the_minimum(firmware):
    site = Site(with_policy("1.0", "quarantine"))
    hello(site, firmware)
    assert site.sensors.quarantined(D)


def test_a_legacy_device_has_no_firmware_to_judge():
    site = Site(with_policy("1.5", "quarantine"))
    site.live(5)
    assert site.status().firmware_state == ""
    assert site.fault is None


def test_a_changed_policy_applies_at_once():
    site = Site()
    hello(site, "1.4.0")
    assert not site.sensors.quarantined(D)
    site.sensors.apply(with_policy("2.0", "quarantine"))
    assert site.sensors.quarantined(D)
    site.sensors.apply(ONE)
    assert not site.sensors.quarantined(D)


def test_a_quarantine_outlasts_a_restart_and_is_one_announcement():
    site = Site(with_policy("1.5", "quarantine"), learned={D: LearnedDevice(D, firmware="1.4.0")})
    assert site.sensors.quarantined(D)
    site.run(5.0)
    site.live(20)
    site.sensors.apply(with_policy("1.5", "quarantine"))
    site.live(20)
    assert len(site.announced) == 1
