"""The server's side of the authenticated protocol, rule by rule."""

import pytest
from auth_parts import BODY, MS, DeviceEnd, MemoryInbox, key, ring
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.config.schema import Device, Sensors
from embereye.config.sensor_options import Firmware
from embereye.ingest import secure_packet as wire
from embereye.ingest.admission import Admission
from embereye.ingest.clock_offset import told_apart
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import Aside, DeviceStates
from embereye.ingest.simulate_device import ScenarioVoice
from embereye.model.credential import KeyState
from embereye.model.device_messages import (
    DeviceAuthenticated,
    DeviceClock,
    DeviceLogged,
    PacketsMissed,
)
from embereye.model.firmware import FirmwareSaid
from embereye.model.messages import (
    CalibrationTaken,
    DeviceGone,
    DeviceSeen,
    PacketsRefused,
    SecurityEvent,
)
from embereye.model.reading import SensorReading
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

START = Stamp(1000.0, 1_700_000_000.0)


class Hub:
    """What all connections of one listener share."""

    def __init__(self, *keys, by_hand=False, devices=(), **section):
        self.inbox = MemoryInbox(by_hand)
        self.admission = Admission(Sensors(**section), ring(*keys), self.inbox)
        self.states = DeviceStates()
        self.states.apply(devices)
        self.at = START

    def line(self, address="10.0.0.1"):
        return Line(self, address)


class Line:
    """One connection, its two ends in step."""

    def __init__(self, hub, address):
        self.hub = hub
        self.session = Session(hub.states, address, hub.at, hub.admission)
        self.out, self.frames, self.sent = [], [], []

    def send(self, data, later=0.0):
        self.hub.at = self.hub.at.later(later)
        self.session.receive(data, self.hub.at, self.out, self.frames)
        self.sent += self.session.auth.replies()
        return self

    def tick(self, later=0.1):
        self.hub.at = self.hub.at.later(later)
        self.session.tick(self.hub.at, self.out)
        self.sent += self.session.auth.replies()
        command = self.session.command(self.hub.at)
        if command is not None:
            self.sent.append(command)
        return self

    def talk(self, end, *packets, later=0.0):
        for packet in packets:
            self.send(packet, later)
            end.hear(self.taken())
        return self

    def greeted(self, end):
        return self.talk(end, end.hello())

    def taken(self):
        sent, self.sent = b"".join(self.sent), []
        return sent

    def all(self, kind):
        return [message for message in self.out if type(message) is kind]

    def kinds(self):
        return [event.kind for event in self.all(SecurityEvent)]


def proven(hub=None, end=None, first=1):
    hub, end = hub or Hub(), end or DeviceEnd()
    line = hub.line().greeted(end)
    line.talk(end, end.say(first))
    return hub, end, line


def test_a_device_proves_itself_and_its_reading_goes_to_the_engine_at_once():
    hub, end, line = proven(Hub(by_hand=True))
    assert line.all(SensorReading) == [SensorReading("boiler", told_apart(hub.at, 1), 5, 6)]
    authenticated = line.all(DeviceAuthenticated)
    assert [(a.device, a.kid, a.firmware) for a in authenticated] == [("boiler", "k1", "1.4.0")]
    assert end.acknowledged == []


def test_it_is_acknowledged_only_after_the_commit():
    hub, end, line = proven(Hub(by_hand=True))
    assert line.taken() == b""
    hub.inbox.commit()
    end.hear(line.tick().taken())
    assert end.acknowledged == [1]


def test_the_server_proves_itself_and_tells_what_is_stored():
    hub, end, line = proven()
    line.talk(end, end.say(2), end.say(3))
    again = DeviceEnd()
    again.nonces = 5
    hub.line().greeted(again)
    assert again.challenges == [(MS, 1, 3)]


def test_a_hello_alone_proves_nothing():
    line = Hub().line().greeted(DeviceEnd())
    assert line.out == []
    assert line.session.good == 0


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (DeviceEnd(device="stranger"), SecurityKind.UNKNOWN_KEY),
        (DeviceEnd(kid="k9"), SecurityKind.UNKNOWN_KEY),
        (DeviceEnd(kid="old"), SecurityKind.REVOKED_KEY),
        (DeviceEnd(kid="late"), SecurityKind.REVOKED_KEY),
    ],
)
def test_a_key_that_is_not_good_is_refused_with_an_event(made, kind):
    revoked = key(kid="old", state=KeyState.REVOKED)
    expired = key(kid="late", state=KeyState.RETIRING, expires=START.utc)
    line = Hub(key(), revoked, expired).line()
    line.send(made.hello())
    assert line.taken() == b""
    assert line.kinds() == [kind]
    assert line.session.bad == 1


def test_a_forged_packet_is_refused_with_an_event():
    _, end, line = proven()
    good = end.say(2)
    for place in range(4, len(good) - 1):
        forged = bytearray(good)
        forged[place] ^= 1
        line.send(bytes(forged))
    assert len(line.all(SensorReading)) == 1
    assert line.session.bad >= len(good) - 5
    assert set(line.kinds()) == {SecurityKind.FORGED}


def damaged(packet):
    """One bit of its body flipped."""
    return packet[:-2] + bytes([packet[-2] ^ 1]) + packet[-1:]


def test_a_disturbed_line_of_an_honest_device_is_no_forgery():
    """Every eighth packet is damaged, and the device says it again."""
    _, end, line = proven()
    for seq in range(2, 800):
        if seq % 8 == 0:
            line.talk(end, damaged(end.say(seq)))
        line.talk(end, end.say(seq), later=1.0)
    assert line.kinds() == []
    assert len(line.all(SensorReading)) == 799
    assert sum(refused.count for refused in line.all(PacketsRefused)) == 99


@pytest.mark.parametrize("honest", [0, 4])
def test_more_wrong_codes_than_a_line_can_make_are_forgeries_and_all_are_counted(honest):
    hub, end, line = proven()
    seq = 2
    for _ in range(60):
        line.talk(end, damaged(end.say(seq)))
        for _ in range(honest):
            line.talk(end, end.say(seq))
            seq += 1
    hub.admission.security.close(line.out)
    events = line.all(SecurityEvent)
    assert {event.kind for event in events} == {SecurityKind.FORGED}
    assert sum(event.count for event in events) == 60


def test_another_secret_proves_nothing():
    end = DeviceEnd(secret=bytes(32))
    hub = Hub()
    line = hub.line().send(end.hello())
    challenge = wire.read_challenge(line.taken()[1:-1])
    end.keys = wire.session_keys(end.secret, end.said, challenge.nonce)
    assert not wire.genuine(end.keys.to_device, challenge)  # the device would stop here
    line.send(end.say(1))
    assert line.all(SensorReading) == []
    assert line.kinds() == [SecurityKind.FORGED]


def test_a_flood_of_forgeries_makes_few_events_and_an_exact_count():
    hub, end, line = proven()
    forged = end.say(2)[:-3] + b"7!"
    count = 100_000
    for _ in range(count // 100):
        line.send(forged * 100, later=0.005)
    events = line.all(SecurityEvent)
    hub.admission.security.close(events)
    assert sum(event.count for event in events) == count
    assert len(events) < 5


def test_a_recorded_connection_is_refused():
    hub, end = Hub(), DeviceEnd()
    recorded = end.hello()
    line = hub.line().talk(end, recorded)
    packet = end.say(1)
    line.talk(end, packet)
    replay = hub.line("10.6.6.6").send(recorded).send(packet)
    assert replay.all(SensorReading) == []
    assert replay.kinds() == [SecurityKind.REPLAYED, SecurityKind.FORGED]
    assert replay.session.bad == 2


def test_a_packet_that_came_before_is_acknowledged_again_and_not_processed_again():
    hub, end, line = proven(Hub(by_hand=True))
    line.talk(end, end.say(1))
    hub.inbox.commit()
    line.talk(end, end.say(1), end.say(1))
    assert len(line.all(SensorReading)) == 1
    assert len(hub.inbox.rows) == 1
    assert end.acknowledged[-1] == 1
    assert line.session.bad == 0


def test_stored_packets_that_are_played_back_keep_no_connection_alive():
    _, end, line = proven()
    good = line.session.good
    line.talk(end, *[end.say(1)] * 5)
    assert line.session.good == good


def test_packets_may_overtake_each_other_and_a_gap_blocks_the_acknowledgement():
    _, end, line = proven()
    line.talk(end, end.say(3), end.say(4))
    assert end.acknowledged[-1] == 1
    line.talk(end, end.say(2))
    assert end.acknowledged[-1] == 4
    assert len(line.all(SensorReading)) == 4
    assert line.all(PacketsMissed) == []


def test_a_gap_that_the_window_passes_is_counted_as_missed():
    _hub, end, line = proven()
    for seq in range(3, 66):
        line.talk(end, end.say(seq))
    assert end.acknowledged[-1] == 1
    line.talk(end, end.say(66))
    assert end.acknowledged[-1] == 66
    assert [missed.count for missed in line.all(PacketsMissed)] == [1]


def test_a_session_that_begins_later_tells_what_is_missing():
    hub, end, line = proven()
    line.session.close(hub.at, "cut")
    line = hub.line().greeted(end)
    line.talk(end, end.say(50))
    assert [missed.count for missed in line.all(PacketsMissed)] == [48]
    assert end.acknowledged[-1] == 50


def test_a_new_device_may_have_counted_long_before():
    _, end, line = proven(first=4000)
    assert line.all(PacketsMissed) == []
    assert end.acknowledged == [4000]


def test_a_gap_after_damage_ends_the_connection_and_loses_nothing():
    hub, end, line = proven()
    line.send(end.say(2)[:-1] + b"\xff!")
    for seq in range(3, 67):
        line.send(end.say(seq))
    assert "damaged" in line.session.auth.ending
    assert hub.inbox.progress("boiler").seq == 1
    line.session.close(hub.at, "cut")
    again = hub.line().greeted(end)
    for seq in range(2, 67):
        again.talk(end, end.say(seq))
    assert end.acknowledged[-1] == 66
    assert len(line.all(SensorReading) + again.all(SensorReading)) == 66
    assert again.all(PacketsMissed) == []


def test_what_was_not_stored_is_stored_when_it_comes_again_and_processed_once():
    hub, end, line = proven(Hub(by_hand=True))
    hub.inbox.refuse()
    assert "stored" in line.session.auth.ending
    assert end.acknowledged == []
    line.session.close(hub.at, "cut")
    again = hub.line().greeted(end)
    again.talk(end, end.say(1))
    hub.inbox.commit()
    end.hear(again.tick().taken())
    assert end.acknowledged == [1]
    assert again.all(SensorReading) == []
    assert set(hub.inbox.rows) == {("boiler", 1, 1)}


def test_without_an_inbox_nothing_is_acknowledged():
    hub = Hub()
    hub.admission = Admission(Sensors(), ring())
    _, end, line = proven(hub)
    line.talk(end, end.say(2))
    assert end.acknowledged == []
    assert len(line.all(SensorReading)) == 2


def test_a_restarted_device_counts_anew():
    hub, _, _ = proven()
    end = DeviceEnd(boot=2)
    end.nonces = 9
    line = hub.line().greeted(end)
    line.talk(end, end.say(1))
    assert len(line.all(SensorReading)) == 1
    assert end.acknowledged == [1]


def test_a_start_counter_that_went_back_is_told():
    hub, _, _ = proven(end=DeviceEnd(boot=7))
    end = DeviceEnd(boot=3)
    end.nonces = 9
    line = hub.line().greeted(end)
    line.talk(end, end.say(1))
    assert line.kinds() == [SecurityKind.CLONE]
    assert len(line.all(SensorReading)) == 1


@pytest.mark.parametrize(
    "body",
    [b"Sensor:other:ADC1=5!", b"Sensorother:ADC1=5!", b"locid:other!", b"Sensor:far:ADC1=5!"],
)
def test_a_name_inside_never_leads_to_another_device(body):
    devices = [Device(id="boiler", name="B"), Device(id="other", name="O", location="far")]
    _, end, line = proven(Hub(devices=devices))
    line.talk(end, end.say(2, body[:-1]), end.say(3))
    assert {reading.device for reading in line.all(SensorReading)} == {"boiler"}
    assert next(event.kind for event in line.all(SecurityEvent)) is SecurityKind.OTHER


def test_its_own_constant_id_inside_is_no_event():
    _, end, line = proven()
    line.talk(end, end.say(2, b"Sensor4711:ADC1=1"))
    assert line.all(SecurityEvent) == []


@pytest.mark.parametrize("bare", [b"#Sensorboiler:ADC1=1!", b"#Sensor:boiler:ADC1=1!"])
def test_bare_packets_of_an_enrolled_device_are_refused_as_a_downgrade(bare):
    line = Hub().line().send(bare * 3)
    assert line.all(SensorReading) == line.all(DeviceSeen) == []
    assert [(e.kind, e.subject) for e in line.all(SecurityEvent)] == [
        (SecurityKind.DOWNGRADE, "device:boiler")
    ]
    assert line.session.bad == 3


def test_bare_packets_on_a_proven_connection_are_refused():
    _, end, line = proven()
    line.send(b"#Sensor99:ADC1=1!#locid:cam1!")
    line.talk(end, end.say(2))
    line.send(b"#Sensor99:ADC1=1!")
    assert len(line.all(SensorReading)) == 2
    assert line.kinds() == [SecurityKind.DOWNGRADE]
    assert line.session.bad == 3


def test_enrolling_a_connected_device_makes_it_prove_itself():
    hub = Hub(key(device="other"))
    line = hub.line().send(b"#Sensorboiler:ADC1=1!")
    hub.admission.apply_keys(ring(key()))
    line.send(b"#Sensorboiler:ADC1=2!")
    assert len(line.all(SensorReading)) == 1
    assert [gone.device for gone in line.all(DeviceGone)] == ["boiler"]


@pytest.mark.parametrize(
    ("legacy", "accepted"), [("open", {"hall", "99"}), ("allow-list", {"hall"}), ("off", set())]
)
def test_the_policy_says_which_devices_need_no_key(legacy, accepted):
    hub = Hub(devices=[Device(id="hall", name="Hall")], legacy=legacy)
    line = hub.line().send(b"#Sensorhall:ADC1=1!#Sensor99:ADC1=1!")
    assert {reading.device for reading in line.all(SensorReading)} == accepted
    refused = 2 - len(accepted)
    assert sum(event.count for event in line.all(SecurityEvent)) == min(refused, 1) * refused
    assert set(line.kinds()) == ({SecurityKind.LEGACY_REFUSED} if refused else set())


@pytest.mark.parametrize("name", [b"#locid:roof!", b"#serialno:77!"])
def test_a_name_alone_is_no_good_packet_while_only_listed_devices_are_heard(name):
    """It would keep a stranger's connection open for ever."""
    line = Hub(legacy="allow-list", devices=[Device(id="pump", name="P")]).line()
    line.send(name * 100)
    assert (line.session.good, line.session.bad) == (0, 0)
    line.send(b"#Sensorpump:ADC1=1,ADC2=2!" + name)
    assert line.session.good == 2


@pytest.mark.parametrize(
    "said",
    [
        lambda n: b"#locid:a!" + b"".join(b"#locid:b%d!" % i for i in range(15)),
        lambda n: b"#locid:x%d!#Sensor:x%d:ADC1=1!#locid:y!" % (n, n),
    ],
)
def test_strangers_that_connect_again_and_again_fill_no_audit(said):
    hub = Hub()
    events = 0
    for number in range(500):
        line = hub.line().send(said(number), 0.01)
        line.session.close(hub.at, "gone")
        events += len(line.all(SecurityEvent))
    assert 1 <= events <= 3


def test_calibrations_that_take_turns_are_counted_and_do_not_keep_the_disk_busy():
    hub, end, line = proven()
    voices = [ScenarioVoice("boiler", "mlx90640", "idle", seed=seed) for seed in (3, 4, 5)]
    memories = [voice.eeprom.strip()[1:-1] for voice in voices]
    for seq in range(2, 302):
        line.talk(end, end.say(seq, memories[seq % 3]), later=0.1)
    taken = line.all(CalibrationTaken)
    assert [t.aside for t in taken[:2]] == [False, True]
    assert 2 <= len(taken) <= 5
    hub.admission.security.close(line.out)
    assert sum(event.count for event in line.all(SecurityEvent)) > 90


REFUSE = Firmware(minimum="1.5", below="refuse")


def test_packets_of_a_refused_firmware_are_judged_once_and_neither_kept_nor_acknowledged():
    hub, end, line = proven(Hub(firmware=REFUSE))
    for seq in range(2, 201):
        line.talk(end, end.say(seq), end.say(seq))
    assert len(line.all(SensorReading)) == 200
    assert end.judged[-1] == 200  # or it would say nothing more
    assert (end.acknowledged, hub.inbox.rows) == ([], {})
    again = DeviceEnd()
    again.nonces = 5
    other = hub.line().greeted(again)
    other.talk(again, *map(again.say, range(150, 202)))
    assert [reading.adc1 for reading in other.all(SensorReading)] == [5]
    assert again.judged[-1] == 201


@pytest.mark.parametrize(("firmware", "kept"), [("1.4.0", 0), ("1.5", 1), ("", 0), ("junk", 0)])
def test_only_old_or_unreadable_firmware_is_refused(firmware, kept):
    hub, end, _ = proven(Hub(firmware=REFUSE), DeviceEnd(firmware=firmware))
    assert len(hub.inbox.rows) == len(end.acknowledged) == kept


def test_a_device_that_is_refused_no_more_connects_anew_and_says_all_again():
    hub, _, line = proven(Hub(firmware=REFUSE))
    hub.admission.apply(Sensors())
    line.tick()
    assert line.session.auth.ending
    again = DeviceEnd()
    again.nonces = 5
    other = hub.line().greeted(again)
    other.talk(again, again.say(1))
    assert again.acknowledged == [1]
    assert other.all(SensorReading) == []


def test_a_revoked_key_ends_the_connection():
    hub, end, line = proven()
    hub.admission.apply_keys(ring(key(state=KeyState.REVOKED)))
    line.tick()
    assert "revoked" in line.session.auth.ending
    line.send(end.say(2))
    assert len(line.all(SensorReading)) == 1
    assert line.kinds() == [SecurityKind.REVOKED_KEY]


def test_an_expired_key_ends_the_connection():
    _hub, _, line = proven(Hub(key(state=KeyState.RETIRING, expires=START.utc + 5)))
    assert not line.tick(1.0).session.auth.ending
    assert line.tick(5.0).session.auth.ending


def test_the_newest_connection_of_a_device_wins():
    hub, end, older = proven()
    twin = DeviceEnd(boot=1)
    twin.nonces = 9
    newer = hub.line().greeted(twin)
    assert not older.session.auth.ending  # a hello proves nothing
    newer.talk(twin, twin.say(2))
    assert older.session.auth.ending
    older.send(end.say(3))
    assert len(older.all(SensorReading)) == 1
    older.out = older.session.close(hub.at, "closed")
    assert older.all(DeviceGone) == []
    newer.talk(twin, twin.say(3))
    assert len(newer.all(SensorReading)) == 2


def test_more_than_three_take_overs_a_minute_mean_a_clone():
    hub, end = Hub(), DeviceEnd()
    kinds = []
    for seq in range(1, 6):
        line = hub.line().greeted(end)
        line.talk(end, end.say(seq), later=5.0)
        kinds.append(line.kinds())
    assert kinds == [[], [], [], [], [SecurityKind.CLONE]]


def test_commands_are_sealed_and_numbered():
    hub, end, line = proven()
    hub.states.ask("boiler", "EEPROM1", hub.at.mono)
    for _ in range(300):
        line.tick()
    packets = line.taken()
    end.hear(packets)
    assert [seq for seq, _ in end.commands] == list(range(1, len(end.commands) + 1))
    assert b"EEPROM1" in [body for _, body in end.commands]
    sent = [m.text for m in line.all(DeviceLogged) if "EEPROM1" in m.text]
    sent += [m.text for m in line.session.logged(hub.at)]
    assert "EEPROM1" in sent


def test_a_device_that_waits_to_be_asked_is_asked_before_it_proved_itself():
    hub, end = Hub(devices=[Device(id="boiler", name="B", mode="on demand")]), DeviceEnd()
    line = hub.line().greeted(end)
    for _ in range(20):
        line.tick()
    end.hear(line.taken())
    assert [body for _, body in end.commands] == [b"REQUEST1"]


def test_a_retiring_key_is_replaced_over_the_connection():
    new = bytes(range(32, 64))
    old = key(state=KeyState.RETIRING, expires=START.utc + 1e6)
    hub, end, line = proven(Hub(old, key(kid="k2", secret=new, created=1.0)))
    for seq in range(2, 20):
        line.talk(end, end.say(seq), later=1.0)
        line.tick(0.05)
    end.hear(line.taken())
    wrapped = [body for _, body in end.commands if body.startswith(b"KEY:")]
    found = {wire.unwrap_key(end.secret, end.said, end.nonce, body) for body in wrapped}
    assert found == {("k2", new)}
    told = repr(line.out) + repr(line.session.logged(hub.at))
    assert new.hex() not in told
    assert wrapped[0].decode() not in told


def test_a_key_that_waits_is_wrapped_for_the_session_in_which_it_is_sent():
    """A device that said hello again on its line would keep nonsense as its new key."""
    new = bytes(range(32, 64))
    old = key(state=KeyState.RETIRING, expires=START.utc + 1e6)
    hub, end, line = proven(Hub(old, key(kid="k2", secret=new, created=1.0)))
    line.session.tick(hub.at, line.out)  # the key is to be sent …
    line.greeted(end)  # … and the device begins anew before it is
    for seq in range(2, 20):
        line.talk(end, end.say(seq), later=1.0)
        line.tick(0.05)
    end.hear(line.taken())
    wrapped = [body for _, body in end.commands if body.startswith(b"KEY:")]
    found = {wire.unwrap_key(end.secret, end.said, end.nonce, body) for body in wrapped}
    assert found == {("k2", new)}


def test_a_key_that_was_revoked_while_it_waited_is_not_sent():
    old = key(state=KeyState.RETIRING, expires=START.utc + 1e6)
    hub, end, line = proven(Hub(old, key(kid="k2", secret=bytes(32), created=1.0)))
    line.session.tick(hub.at, line.out)
    hub.admission.apply_keys(ring(old, key(kid="k2", secret=bytes(32), state=KeyState.REVOKED)))
    for seq in range(2, 20):
        line.talk(end, end.say(seq), later=1.0)
        line.tick(0.05)
    end.hear(line.taken())
    assert not [body for _, body in end.commands if body.startswith(b"KEY:")]


def test_a_wrong_clock_is_corrected_told_once_and_not_believed():
    hub, end = Hub(), DeviceEnd()
    line = hub.line().greeted(end)
    for seq in range(1, 100):
        ms = MS + 86_400_000 + round((hub.at.mono - START.mono) * 1000)
        line.talk(end, end.say(seq, ms=ms), later=1.0)
        end.hear(line.tick(0.05).taken())
    assert line.kinds() == [SecurityKind.CLOCK]
    assert {reading.at for reading in line.all(SensorReading)} >= {told_apart(START.later(1.0), 1)}
    clock = line.all(DeviceClock)[0]
    assert not clock.believed
    assert abs(clock.offset - 86_400) < 1.1
    times = [int(body[5:]) for _, body in end.commands if body.startswith(b"TIME:")]
    assert 1 <= len(times) <= 2
    assert all(MS < time < MS + 200_000 for time in times)


def test_a_believed_clock_dates_a_packet_that_waited():
    hub, end = Hub(), DeviceEnd()
    line = hub.line().greeted(end)
    line.talk(end, end.say(1, ms=MS + 10_300), later=10.0)  # 0.3 s ahead, at once
    line.talk(end, end.say(2, ms=MS + 12_300), later=7.0)  # made at 12 s, 5 s under way
    reading = line.all(SensorReading)[1]
    assert reading.at.mono == START.mono + 17.0
    assert reading.at.utc == pytest.approx(START.utc + 12.0, abs=0.05)


def test_a_calibration_of_a_verified_device_is_taken_and_a_different_one_accepted_by_a_person():
    hub, end, line = proven()
    first = ScenarioVoice("boiler", "mlx90640", "idle", seed=3).eeprom.strip()[1:-1]
    other = ScenarioVoice("boiler", "mlx90640", "idle", seed=4).eeprom.strip()[1:-1]
    line.talk(end, end.say(2, first), end.say(3, other))
    assert [taken.aside for taken in line.all(CalibrationTaken)] == [False, True]
    assert line.kinds() == [SecurityKind.CALIBRATION]
    accepted = hub.states.accept_aside("boiler", hub.at)
    assert [m.aside for m in accepted if isinstance(m, CalibrationTaken)] == [False]
    line.talk(end, end.say(4, other))
    assert len(line.all(CalibrationTaken)) == 2


def test_unreadable_contents_of_a_genuine_packet_are_counted_and_stored():
    _hub, end, line = proven()
    line.talk(end, end.say(2, b"nonsense"))
    assert end.acknowledged[-1] == 2
    assert line.all(PacketsRefused)[0].device == "boiler"


def test_thousands_of_packets_that_wait_for_the_disk_stop_the_reading():
    hub, end, line = proven(Hub(by_hand=True))
    for seq in range(2, 4100):
        line.send(end.say(seq))
    assert hub.admission.full
    hub.inbox.commit()
    assert not hub.admission.full


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=40))
def test_any_chunking_gives_the_same_result(cuts):
    end, line = DeviceEnd(), Hub().line()
    line.greeted(end)
    stream = b"\r\n".join(
        [end.say(1), end.say(3), b"#Sensor9:ADC1=1!", end.say(2), end.say(2), b"#junk!", end.say(4)]
    )
    place = 0
    for cut in cuts:
        line.send(stream[place : place + cut])
        place += cut
    line.send(stream[place:])
    end.hear(line.taken())
    assert [r.adc1 for r in line.all(SensorReading)] == [5] * 4
    assert line.session.bad == 2
    assert end.acknowledged[-1] == 4


def test_the_body_is_stored_as_it_came():
    hub, _, _ = proven()
    row = hub.inbox.rows["boiler", 1, 1]
    assert (row.body, row.device_ms, row.at_utc) == (BODY, MS, START.utc)


def test_another_device_on_the_same_line_loses_nothing_of_the_first():
    hub = Hub(key(), key(device="oven"), by_hand=True)
    _, end, line = proven(hub)
    oven = DeviceEnd(device="oven")
    line.greeted(oven)
    line.send(end.say(2) + oven.say(1) + oven.say(2))
    hub.inbox.commit()
    assert set(hub.inbox.rows) == {
        ("boiler", 1, 1),
        ("boiler", 1, 2),
        ("oven", 1, 1),
        ("oven", 1, 2),
    }
    assert [gone.device for gone in line.all(DeviceGone)] == ["boiler"]
    assert [r.device for r in line.all(SensorReading)] == ["boiler", "boiler", "oven", "oven"]


def test_strangers_with_invented_names_keep_no_enrolled_device_out():
    hub = Hub()
    for number in range(20):
        hub.line(f"10.0.1.{number}").send(
            b"".join(b"#SensorX%dY%d:ADC1=1!" % (number, n) for n in range(16))
        )
    _, _, line = proven(hub)
    assert len(line.all(SensorReading)) == 1


def test_what_an_earlier_run_kept_aside_can_be_accepted():
    voices = [ScenarioVoice("boiler", "mlx90640", "idle", seed=seed) for seed in (3, 4)]
    first, other = (bytes.fromhex(v.eeprom.strip()[1:-1].split(b":")[1].decode()) for v in voices)
    states = DeviceStates({"boiler": first}, {"boiler": "north"}, {"boiler": Aside(other, "south")})
    accepted = states.accept_aside("boiler", START)
    assert [m.words for m in accepted if isinstance(m, CalibrationTaken)] == [other]
    assert [(m.location, m.note) for m in accepted if isinstance(m, DeviceSeen)] == [("south", "")]
    assert states.accept_aside("boiler", START) == []


def test_a_session_does_not_vouch_for_a_damaged_packet_that_only_the_engine_saw():
    hub, end, line = proven(Hub(by_hand=True))
    hub.inbox.refuse()
    line.session.close(hub.at, "cut")
    again = hub.line().greeted(end)
    again.send(end.say(1)[:-5] + end.say(2))
    assert "damaged" in again.session.auth.ending
    assert hub.inbox.waiting == []


def test_what_a_device_says_about_an_update_goes_to_the_engine_and_is_acknowledged():
    hub, end, line = proven()
    good = line.session.good
    line.talk(end, end.say(2, b"FW:NEXT:1536"))
    assert line.all(FirmwareSaid) == [FirmwareSaid("boiler", "NEXT:1536", hub.at)]
    assert end.acknowledged[-1] == 2
    assert line.all(PacketsRefused) == []
    assert line.session.good == good + 1


def test_an_update_is_spoken_of_only_once_however_often_a_packet_comes():
    _hub, end, line = proven(Hub(by_hand=True))
    line.talk(end, end.say(2, b"FW:DONE"), end.say(2, b"FW:DONE"))
    assert len(line.all(FirmwareSaid)) == 1


def test_bare_words_about_an_update_are_unknown_packets():
    line = Hub().line()
    line.send(b"#FW:DONE!")
    assert line.all(FirmwareSaid) == []
    assert [r.reason for r in line.all(PacketsRefused)] == ["unknown kind of packet"]


def test_while_the_disk_fails_values_are_judged_and_the_device_is_told_so():
    _, end, line = proven(Hub(by_hand=True))
    end.hear(line.tick(10.0).taken())
    line.talk(end, end.say(2), end.say(3))
    assert end.judged == [1, 2, 3]
    assert end.acknowledged == []
    assert len(line.all(SensorReading)) == 3


def test_a_disk_that_works_sends_no_receipts():
    _, end, line = proven()
    line.talk(end, end.say(2), later=10.0)
    assert (end.judged, end.acknowledged) == ([], [1, 2])


def overflowing(hub, end, line):
    """The disk fails until nothing more may wait for it; how many numbers were said."""
    last = 4_100
    for seq in range(2, last + 1):
        line.send(end.say(seq))
    end.hear(line.tick(10.0).taken())
    line.talk(end, *(end.say(seq) for seq in range(last + 1, last + 51)))
    return last


def test_what_waits_for_a_failing_disk_is_bounded_and_everything_is_judged():
    hub, end, line = proven(Hub(by_hand=True))
    last = overflowing(hub, end, line)
    assert sum(len(packets) for packets, _, _ in hub.inbox.waiting) == last
    assert len(line.all(SensorReading)) == last + 50
    assert not line.session.auth.ending
    assert not hub.admission.full


def test_a_disk_that_works_again_gets_what_was_left_out():
    hub, end, line = proven(Hub(by_hand=True))
    last = overflowing(hub, end, line)
    hub.inbox.commit()
    end.hear(line.tick().taken())
    assert end.acknowledged[-1] == last
    assert "works again" in line.session.auth.ending
    line.session.close(hub.at, "closed")
    again = hub.line().greeted(end)
    again.talk(end, *(end.say(seq) for seq in range(last + 1, last + 51)))
    hub.inbox.commit()
    end.hear(again.tick().taken())
    assert end.acknowledged[-1] == last + 50
    assert [seq for _, _, seq in hub.inbox.rows] == list(range(1, last + 51))
    assert again.all(SensorReading) == []


def test_a_busy_disk_that_works_holds_devices_back():
    hub, end, line = proven(Hub(by_hand=True))
    for seq in range(2, 4_102):
        line.send(end.say(seq))
    assert hub.admission.full
    line.tick(10.0)
    assert not hub.admission.full  # by now it fails, and alarms must not wait


def test_what_a_device_gave_up_is_in_its_log():
    hub, end, line = proven(Hub(by_hand=True))
    line.talk(end, end.say(2), end.say(3))
    hub.inbox.refuse()
    line.session.close(hub.at, "cut")
    again = hub.line().greeted(end)
    again.talk(end, end.say(4))
    assert any("3 packets were judged" in m.text for m in again.all(DeviceLogged))
    assert again.all(PacketsMissed) == []


def test_a_count_that_starts_anew_in_an_old_boot_is_judged_and_not_acknowledged():
    hub, end, line = proven()
    line.talk(end, *(end.say(seq) for seq in range(2, 11)))
    line.session.close(hub.at, "cut")
    again = hub.line().greeted(end)
    heard = len(end.acknowledged)
    again.talk(end, *(end.say(seq, b"Sensor17:ADC1=%d" % (50 + seq)) for seq in range(1, 21)))
    assert [r.adc1 for r in again.all(SensorReading)] == [50 + seq for seq in range(1, 21)]
    assert end.acknowledged[heard:] == []
    assert end.judged[-1] == 20
    assert again.kinds() == [SecurityKind.CLONE]
    assert any("counts from 1 again" in m.text for m in again.all(DeviceLogged))
    assert len(hub.inbox.rows) == 10


def test_a_count_in_an_older_boot_is_judged_and_not_acknowledged():
    hub, _, _ = proven(end=DeviceEnd(boot=7))
    end = DeviceEnd(boot=3)
    end.nonces = 9
    line = hub.line().greeted(end)
    line.talk(end, end.say(1), end.say(2))
    assert len(line.all(SensorReading)) == 2
    assert end.acknowledged == []
    assert {boot for _, boot, _ in hub.inbox.rows} == {7}


def test_what_was_stored_during_the_greeting_is_no_new_count():
    hub, end, line = proven(Hub(by_hand=True))
    line.session.close(hub.at, "cut")
    again = hub.line().greeted(end)
    hub.inbox.commit()  # after the challenge
    again.talk(end, end.say(1), end.say(2))
    assert again.kinds() == []
    assert len(again.all(SensorReading)) == 1


def test_after_a_cut_a_failing_disk_lets_new_values_come_first():
    hub, end, line = proven(Hub(by_hand=True))
    line.talk(end, *(end.say(seq) for seq in range(2, 201)))
    end.hear(line.tick(10.0).taken())
    line.session.close(hub.at, "cut")
    again = hub.line().greeted(end)
    again.talk(end, end.say(1))
    assert end.judged[-1] == 200
    again.talk(end, end.say(201))
    assert end.judged[-1] == 201
    assert len(again.all(SensorReading)) == 1
    hub.inbox.commit()
    end.hear(again.tick().taken())
    assert hub.inbox.progress("boiler").seq == 200  # not over what the device left out
    assert "works again" in again.session.auth.ending
