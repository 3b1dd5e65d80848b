"""Incidents on a clock that tests move, with a store that keeps what a disk would."""

from fakes import FakeClock

from embereye.config.schema import Settings
from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmState, Cause, Priority
from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import AlarmId, CameraId, IncidentId, PlaceId
from embereye.model.incident import Incident, IncidentState
from embereye.model.messages import AlarmChanged, RequestRefused
from embereye.model.sighting import Sighting
from embereye.runtime.engine import Engine
from embereye.services.access import Access
from embereye.services.incident_board import IncidentBoard
from embereye.services.incident_questions import IncidentQuestions
from embereye.services.incident_requests import IncidentRequests, Office
from embereye.services.incidents import Incidents, incident_site


class FakeIncidentStore:
    """The port of `storage.incidents.IncidentStore`, in memory."""

    def __init__(self):
        self.rows = {}
        self.joined = {}
        self.loose = ()
        self.seen = 0
        self.numbers = 0

    def next_id(self):
        self.numbers += 1
        return IncidentId(self.numbers)

    def load(self, closed):
        done = [r for r in self.rows.values() if r.state is IncidentState.CLOSED]
        open_ones = [r for r in self.rows.values() if r.state is not IncidentState.CLOSED]
        return (*open_ones, *done[-closed:])

    def unlinked(self):
        return self.loose

    def save(self, incident, joined=()):
        before = self.rows.get(incident.id)
        assert before is None or incident.revision > before.revision
        self.rows[incident.id] = incident
        for member in joined:
            assert self.joined.setdefault(member.alarm, incident.id) == incident.id

    def adopt(self, incidents):
        for incident in incidents:
            self.save(incident, incident.members)

    def save_seen(self, incidents):
        self.seen += 1
        for incident in incidents:
            self.rows[incident.id] = incident


class FakeAsker:
    """The port of the worker that asks a language model."""

    def __init__(self, wanted=True, room=50):
        self.wanted, self.room = wanted, room
        self.matters = []

    def offer(self, matter):
        if len(self.matters) >= self.room:
            return False
        self.matters.append(matter)
        return True


class Watch:
    """Incidents as alarms, cameras and operators meet them."""

    def __init__(self, store=None, clock=None, asker=None, settings=None, pause=0.0):
        self.clock = clock or FakeClock()
        self.settings = settings or Settings()
        self.engine = Engine(self.clock, on_bug=self._fail)
        self.store = store or FakeIncidentStore()
        self.asker = asker or FakeAsker(wanted=False)
        self.published = []
        self.audit = []
        publish = self.published.append
        board = IncidentBoard(self.engine, publish, self.store, pause)
        self.incidents = Incidents(self.engine, board, self.store, incident_site(self.settings))
        questions = IncidentQuestions(self.engine, board, self.asker, dict)
        self.incidents.ripened = questions.ripened
        access = Access(lambda: self.settings)
        office = Office(access.refusal, publish, self._keep, questions.ask_now)
        IncidentRequests(self.engine, board, office)
        self.incidents.restore()

    def alarm(self, number=1, *, announced=True, **changes) -> Alarm:
        alarm = self.made(number, **changes)
        now = self.clock.now()
        self.incidents.take(AlarmChanged(alarm, announced, now, now))
        self.step()
        return alarm

    def made(self, number=1, **changes) -> Alarm:
        now = self.clock.now().utc
        place, kind = changes.pop("place", "boiler"), changes.pop("kind", AlarmKind.FIRE)
        fields = {
            "id": AlarmId(number),
            "key": AlarmKey(PlaceId(place), kind),
            "place_name": "Boiler room",
            "priority": Priority.EMERGENCY,
            "state": AlarmState.UNACKNOWLEDGED,
            "cause": Cause.ACTIVE,
            "reasons": ("thermal max 91.2 °C ≥ 85 °C",),
            "raised_utc": now,
            "changed_utc": now,
        }  # fmt: skip
        return Alarm(**{**fields, **changes})

    def end(self, alarm):
        self.alarm(alarm.id, announced=False, place=alarm.key.place, kind=alarm.key.kind,
                   state=AlarmState.NORMAL, raised_utc=alarm.raised_utc)  # fmt: skip

    def see(self, camera="boiler", label="person", confidence=0.6, **scores):
        now = self.clock.now()
        boxes = (Detection(label, confidence, 1, 2, 3, 4),) if label else ()
        result = DetectionResult(
            CameraId(camera), 1, now, now, boxes, scores.get("fire", 0.0), scores.get("smoke", 0.0),
            scores.get("moving", True), "test", 0.01,
        )  # fmt: skip
        self.engine.post(Sighting(result, result))
        self.step()

    def ask(self, message):
        self.engine.post(message)
        self.step()

    def step(self, seconds=0.0):
        """Move the clock; timers run once for each second."""
        while seconds > 1.0:
            self.clock.advance(1.0)
            self.engine.step()
            seconds -= 1.0
        self.clock.advance(seconds)
        self.engine.step()

    @property
    def shown(self) -> tuple[Incident, ...]:
        return self.incidents.current.incidents

    @property
    def only(self) -> Incident:
        (incident,) = self.shown
        return incident

    @property
    def refusals(self) -> list[str]:
        return [m.text for m in self.published if isinstance(m, RequestRefused)]

    def with_role(self, role) -> "Watch":
        self.settings = self.settings.model_copy(update={"role": role})
        return self

    def restarted(self, pause=5.0) -> "Watch":
        """The same disk after a kill and a new start, on other monotonic seconds."""
        later = FakeClock(mono=10.0, utc=self.clock.now().utc + pause)
        return Watch(self.store, later, settings=self.settings)

    def _keep(self, kind, subject, actor, text, at):
        self.audit.append((kind, subject, actor, text))

    def _fail(self, text):
        raise AssertionError(text)
