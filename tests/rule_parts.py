"""A site with rules on a clock that tests move."""

import numpy as np
from fakes import FakeClock

from embereye.config.load import check
from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmState, AlarmTable, Cause, Priority
from embereye.model.detection import DetectionResult
from embereye.model.ids import AlarmId, CameraId, DeviceId, PlaceId
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.sighting import Followed, Sighting
from embereye.model.thermal_seen import ThermalSeen
from embereye.runtime.engine import Engine
from embereye.services.rule_site import rule_site
from embereye.services.rule_watch import RulePorts, RuleWatch

CELLS = np.zeros((24, 32), np.float32)
SITE = {
    "places": [{"id": "boiler", "name": "Boiler house"}, {"id": "yard", "name": "Yard"}],
    "cameras": [
        {
            "id": "c1",
            "name": "Door",
            "source": "rtsp://h/1",
            "place": "yard",
            "zones": [
                {
                    "id": "gate",
                    "name": "Gate",
                    "points": [[0, 0], [1, 0], [1, 1]],
                    "labels": ["person"],
                }
            ],
        }
    ],
    "devices": [
        {
            "id": "d1",
            "name": "Head",
            "place": "boiler",
            "regions": [
                {"id": "b", "name": "Rack B", "points": [[0, 0], [9, 0], [9, 9]], "rules": []}
            ],
        },
        {
            "id": "d2",
            "name": "Foot",
            "place": "boiler",
            "limits": {"gas_channel": "ADC1", "gas": "CO2"},
        },
    ],
}
SMOKE = {"input": "sensor", "channel": "smoke", "limit": 25, "dead_band": 3}
PERSON = {"label": "person", "zone": "gate", "limit": 0.6}


def rule(*conditions, ident="r1", **changes):
    groups = [{"conditions": list(conditions), "need": changes.pop("group_need", "all")}]
    return {"id": ident, "name": f"Rule {ident}", "groups": groups, **changes}


def site(*rules, **changes):
    return rule_site(check({**SITE, "rules": list(rules), **changes}))


class RuleDesk:
    """Rules on a clock that tests move."""

    def __init__(self, *rules, zone=None, utc=1_700_000_000.0, **changes):
        self.clock = FakeClock(utc=utc)
        self.engine = Engine(self.clock, on_bug=self._fail)
        self.reports, self.suppressed = [], []
        self.table, self.mode, self.quarantined = AlarmTable(), "armed", frozenset()
        self._suppress = lambda placed, on: self.suppressed.append((placed.id, placed.scope, on))
        ports = RulePorts(
            alarms=lambda: self.table,
            mode=lambda: self.mode,
            quarantined=lambda: self.quarantined,
            suppress=lambda placed, on: self._suppress(placed, on),
            zone=zone,
        )
        self.rules = RuleWatch(self.engine, site(*rules, **changes), self.reports.append, ports)

    def follow_suppressions(self, take):
        """Hand suppressions to this from now on."""
        self._suppress = take

    def pf(self, smoke=7.0, device="d1", **channels):
        adc = round(smoke * 40.95)
        self.post(SensorReading(DeviceId(device), self.clock.now(), adc, 1310, 0, **channels))

    def picture(self, hottest, regions=(), ta=None, device="d1"):
        frame = ThermalFrame(
            DeviceId(device), self.clock.now(), Profile.CENTI27, CELLS, CELLS,
            hottest, 18.0, 22.0, ta_celsius=ta,
        )  # fmt: skip
        self.post(ThermalSeen(frame, tuple(regions), 0.1))

    def seen(self, *followed, fire=0.0, moving=True):
        at = self.clock.now()
        result = DetectionResult(CameraId("c1"), 1, at, at, (), fire, 0.0, moving, "test", 0.01)
        self.post(Sighting(result, result, tuple(followed)))

    def alarm(self, kind, cause=Cause.ACTIVE, place="boiler", source=""):
        key = AlarmKey(PlaceId(place), AlarmKind(kind), source)
        one = Alarm(
            AlarmId(1), key, place, Priority.HIGH, AlarmState.UNACKNOWLEDGED, cause, (), 0.0, 0.0
        )
        self.table = AlarmTable(self.table.revision + 1, (one,))
        self.wait(0.1)

    def no_alarm(self):
        self.table = AlarmTable(self.table.revision + 1)
        self.wait(0.1)

    def post(self, message):
        self.engine.post(message)
        self.engine.step()

    def wait(self, seconds):
        for _ in range(max(1, round(seconds * 2))):
            self.clock.advance(min(0.5, seconds))
            self.engine.step()
            self.engine.step()

    def assign(self, *rules, **changes):
        self.rules.assign(site(*rules, **changes))

    @property
    def causes(self):
        return [(r.key.place, r.key.source, r.cause.value) for r in self.reports]

    @property
    def last(self):
        return self.reports[-1]

    def _fail(self, text):
        raise AssertionError(text)


def person(confidence=0.81, zones=("Gate",), confirmed=True):
    return Followed(1, "person", confidence, 0.0, confirmed, (), zones)
