"""HTTP heartbeat devices: what is answered, and above all when not 401."""

import json

import pytest
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.heartbeat import HeartbeatSession, UnitConfig, api_key_of
from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.device_messages import DeviceAuthenticated, DeviceClock, DeviceLogged
from embereye.model.ids import DeviceId
from embereye.model.messages import DeviceGone, DeviceSeen, SecurityEvent
from embereye.model.reading import SensorReading
from embereye.model.security import SecurityKind

U = DeviceId("unit-7")


def key(kid="k1", fill=1, state=KeyState.ACTIVE, expires=None):
    return DeviceKey(U, kid, bytes([fill]) * 32, state, 0.0, expires)


KEY = key()
GOOD = api_key_of(KEY)


def body(**changes):
    said = {
        "unit_id": "unit-7",
        "armed": True,
        "firmware_version": "1.4.2",
        "uptime_seconds": 3600,
        "free_storage_mb": 512,
        "pending_clips": 0,
    }
    return {**said, **changes}


def session(keys=(KEY,), **options):
    return HeartbeatSession(lambda: KeyRing(keys), **options)


def answer(made, clock, said=None, given=GOOD):
    return made.beat(json.dumps(said or body()).encode(), given, clock.now(), "10.0.0.9")


def kinds(found):
    return [type(message) for message in found.messages]


def test_the_answer_has_exactly_the_agreed_fields(clock: FakeClock):
    made = session(config=lambda _unit: UnitConfig(armed=False, detection_enabled=True))
    found = answer(made, clock)
    assert found.status == 200
    assert json.loads(found.body) == {
        "server_time": "2023-11-14T22:13:20.000Z",
        "time_drift_ms": 0,
        "config": {"armed": False, "detection_enabled": True},
    }
    assert len(found.body) < 3500


def test_a_heartbeat_shows_that_the_device_lives(clock):
    made = session()
    first = answer(made, clock)
    assert {DeviceSeen, DeviceAuthenticated, SensorReading} <= set(kinds(first))
    clock.advance(60)
    assert kinds(answer(made, clock, body(uptime_seconds=3660))) == [SensorReading]


def test_changes_are_told(clock):
    made = session()
    answer(made, clock)
    clock.advance(60)
    found = answer(made, clock, body(armed=False, firmware_version="1.5.0", uptime_seconds=5))
    texts = [message.text for message in found.messages if isinstance(message, DeviceLogged)]
    assert texts == ["says that it is not armed", "started again"]
    assert DeviceAuthenticated in kinds(found)


@pytest.mark.parametrize("given", ["", "x", GOOD[:-1], GOOD.upper() + "0", GOOD + "0", "é" * 64])
def test_a_wrong_key_is_401_and_a_security_event(clock, given):
    found = answer(session(), clock, given=given)
    assert found.status == 401
    (event,) = found.messages
    assert isinstance(event, SecurityEvent)
    assert event.kind is SecurityKind.FORGED
    assert GOOD not in str(event) + found.body.decode()


def test_a_revoked_or_expired_key_is_401(clock):
    for revoked in (key(state=KeyState.REVOKED), key(expires=clock.now().utc)):
        found = answer(session([revoked]), clock)
        assert found.status == 401
        assert found.messages[0].kind is SecurityKind.REVOKED_KEY


def test_both_keys_are_good_during_a_rotation(clock):
    old = key("k1", 1, KeyState.RETIRING, clock.now().utc + 10)
    new = key("k2", 2)
    made = session([old, new])
    assert answer(made, clock, given=api_key_of(old)).status == 200
    assert answer(made, clock, given=api_key_of(new)).status == 200


def test_keys_that_are_not_loaded_are_no_reason_to_erase_a_key(clock):
    for sent in (GOOD, "wrong"):
        found = answer(HeartbeatSession(lambda: None), clock, given=sent)
        assert (found.status, found.retry_after) == (503, 30)


def test_a_full_disk_is_no_reason_to_erase_a_key(clock):
    found = answer(session(trouble=lambda: "the disk is full"), clock, given="wrong")
    assert (found.status, found.retry_after) == (503, 30)


def test_too_many_heartbeats_are_asked_to_wait_and_then_taken_again(clock):
    made = session()
    assert [answer(made, clock).status for _ in range(7)] == [200] * 5 + [503] * 2
    clock.advance(5)
    assert answer(made, clock).status == 200


def test_wrong_keys_do_not_slow_the_device_down(clock):
    made = session()
    for _ in range(50):
        assert answer(made, clock, given="wrong").status == 401
    assert answer(made, clock).status == 200


def test_security_events_are_bounded(clock):
    made = session()
    told = [answer(made, clock, given="wrong").messages for _ in range(50)]
    assert sum(map(len, told)) == 1
    for number in range(2000):
        answer(made, clock, body(unit_id=f"u{number}"), "wrong")
    assert len(made._told) <= 400


def test_many_names_leave_no_state_behind(clock):
    made = session()
    for number in range(1000):
        answer(made, clock, body(unit_id=f"u{number}"))
    assert made._units == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"unit_id": ""},
        {"unit_id": "../etc"},
        {"unit_id": "a" * 65},
        {"unit_id": 7},
        {"armed": 1},
        {"armed": None},
        {"firmware_version": "1\n2"},
        {"firmware_version": "1" * 33},
        {"uptime_seconds": -1},
        {"uptime_seconds": float("nan")},
        {"uptime_seconds": float("inf")},
        {"uptime_seconds": 10**400},
        {"uptime_seconds": True},
        {"free_storage_mb": "12"},
        {"pending_clips": 1.5},
        {"pending_clips": 10**9},
    ],
)
def test_a_wrong_field_is_named(clock, changes):
    found = answer(session(), clock, body(**changes))
    assert found.status == 400
    assert next(iter(changes)) in json.loads(found.body)["error"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 16_000, b'{"unit_id":' + b"9" * 9000 + b"}"],
)
def test_what_is_no_json_object_is_refused_in_words(clock, raw):
    found = session().beat(raw, GOOD, clock.now())
    assert found.status == 400
    assert json.loads(found.body)["error"]


def test_a_long_body_is_refused(clock):
    assert session().beat(b" " * 20_000, GOOD, clock.now()).status == 400


@pytest.mark.parametrize(
    ("stamp", "drift"),
    [
        (1_700_000_002.5, 2500),
        (1_700_000_000_000 - 1500, -1500),
        ("2023-11-14T22:13:21Z", 1000),
        ("2023-11-14T23:13:21+01:00", 1000),
        ("yesterday", 0),
        (-5, 0),
        (10**400, 0),
        (None, 0),
    ],
)
def test_the_drift_is_the_device_s_clock_less_ours(clock, stamp, drift):
    assert json.loads(answer(session(), clock, body(timestamp=stamp)).body)["time_drift_ms"] == (
        drift
    )


def test_a_clock_outside_the_window_is_not_believed(clock):
    for offset, believed in ((9.0, True), (11.0, False)):
        said = body(timestamp=clock.now().utc + offset)
        (told,) = [m for m in answer(session(), clock, said).messages if type(m) is DeviceClock]
        assert told.believed is believed


def test_without_a_time_stamp_the_drift_is_that_of_the_uptime_since_its_first_heartbeat(clock):
    made = session()
    answer(made, clock, body(uptime_seconds=100))
    clock.advance(1000)
    found = answer(made, clock, body(uptime_seconds=1100.25))
    assert json.loads(found.body)["time_drift_ms"] == 250
    clock.advance(60)
    restarted = answer(made, clock, body(uptime_seconds=3))
    assert json.loads(restarted.body)["time_drift_ms"] == 0


def test_a_change_of_our_wall_clock_is_not_the_device_s_drift(clock):
    made = session()
    answer(made, clock, body(uptime_seconds=100))
    clock.advance(10)
    clock.jump_wall(3600)
    found = answer(made, clock, body(uptime_seconds=110))
    assert json.loads(found.body)["time_drift_ms"] == 0


def test_a_unit_that_stops_is_gone(clock):
    made = session()
    answer(made, clock)
    clock.advance(299)
    assert made.silent(clock.now()) == []
    clock.advance(2)
    (gone,) = made.silent(clock.now())
    assert isinstance(gone, DeviceGone)
    assert made.silent(clock.now()) == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(deadline=None)
@given(
    said=st.dictionaries(st.sampled_from([*body(), "timestamp"]), values),
    whole=st.booleans(),
    given_key=st.text(max_size=70) | st.just(GOOD),
)
def test_any_body_is_answered_and_nothing_raises(said, whole, given_key):
    made, clock = session(), FakeClock()
    raw = json.dumps({**body(), **said} if whole else said).encode()
    found = made.beat(raw, given_key, clock.now())
    assert found.status in (200, 400, 401)
    assert found.status != 200 or given_key == GOOD
    assert len(found.body) < 3500
    json.loads(found.body)


@settings(deadline=None)
@given(raw=st.binary(max_size=400))
def test_any_bytes_are_answered(raw):
    assert session().beat(raw, GOOD, FakeClock().now()).status == 400
