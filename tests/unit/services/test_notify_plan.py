"""Each change of an alarm is planned once for each target, and what waits too long is a fault."""

from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from consoles import alarm
from fakes import FakeClock
from notify_parts import outbox

from embereye.config.notify_options import Notifications, Occasion, WebhookTarget
from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKey, AlarmKind, AlarmState, Overlay, OverlayKind, Priority
from embereye.model.alarm import Scope as AlarmScope
from embereye.model.ids import PlaceId
from embereye.model.messages import WorkerFailed
from embereye.model.notice import DeliveryState, TargetKind
from embereye.services.notify_key import delivery_key
from embereye.services.notify_plan import NoticePlanner
from embereye.services.notify_targets import notice_site
from embereye.storage.writer import Write

ALL = ("announced", "escalated", "acknowledged", "returned", "closed")


class Plan:
    def __init__(self, box):
        self.box, self.clock = box, FakeClock()
        self.planner = NoticePlanner(box.store, self.clock, box.told.append, lambda: None)
        self.use()

    def use(self, **occasion):
        wanted = Occasion(**{"priority": "diagnostic", "events": ALL, **occasion})
        hook = WebhookTarget(id="hook", name="Hook", url="https://h/", occasion=wanted)
        settings = Settings(notifications=Notifications(webhooks=(hook,)))
        self.planner.site = notice_site(settings, lambda _name: None)

    def step(self):
        self.planner.step()
        self.box.settle()
        self.planner.step()

    def states(self):
        return [(r["event"], r["state"]) for r in self.box.rows()]

    def settle_all(self):
        for delivery in self.box.store.heads(TargetKind.WEBHOOK, 100):
            self.box.commit(partial(self._sent, delivery))

    def _sent(self, delivery, done):
        utc = self.clock.now().utc
        self.box.store.settle(delivery, DeliveryState.SENT, "", utc, done)


@pytest.fixture
def plan(tmp_path):
    with outbox(tmp_path) as box:
        yield Plan(box)


def raised(plan, number=1, **changes):
    return alarm(
        number, plan.clock, **{"kind": AlarmKind.GAS, "priority": Priority.HIGH, **changes}
    )


def test_a_change_is_planned_once(plan):
    plan.box.happen(raised(plan))
    for _ in range(3):
        plan.step()
    assert plan.states() == [("announced", "waiting")]


def test_a_change_that_nobody_wants_is_done_at_once(plan):
    plan.use(priority="emergency")
    plan.box.happen(raised(plan))
    plan.step()
    assert plan.states() == []
    assert plan.box.rows("SELECT id FROM outbox WHERE done_utc IS NULL OR planned = 0") == []


def test_what_lies_over_an_alarm_is_in_its_row(plan):
    over = Overlay(OverlayKind.SHELVED, AlarmScope(PlaceId("p")), "r", "a", 0, None, Priority.HIGH)
    plan.box.happen(raised(plan, overlay=over))
    plan.step()
    assert plan.states() == []


def test_quiet_hours_are_those_of_the_event_not_of_the_sending(plan):
    plan.use(quiet_from="22:00", quiet_to="06:00")
    night = datetime(2026, 3, 1, 23, 30).astimezone().timestamp()
    day = datetime(2026, 3, 1, 12, 0).astimezone().timestamp()
    plan.box.happen(raised(plan, 1), at=night)
    plan.box.happen(raised(plan, 2), at=day)
    plan.box.happen(raised(plan, 3, kind=AlarmKind.FIRE), at=night)
    plan.step()
    assert [state for _, state in plan.states()] == ["skipped", "waiting", "waiting"]


def test_a_damaged_row_is_passed_over(plan):
    plan.box.happen(raised(plan, 1))
    plan.box.commit(
        lambda done: plan.box.storage.evidence.put(
            Write(lambda c: c.execute("UPDATE outbox SET payload = '{}'"), done)
        )
    )
    plan.box.happen(raised(plan, 2))
    plan.step()
    assert len(plan.states()) == 1
    assert plan.box.rows("SELECT id FROM outbox WHERE planned = 0") == []


def test_a_fault_of_notices_is_not_planned(plan):
    key = AlarmKey(PlaceId("system"), AlarmKind.SYSTEM_FAULT, "worker notifications")
    plan.box.happen(replace(raised(plan, priority=Priority.DIAGNOSTIC), key=key))
    plan.step()
    assert plan.states() == []


def test_a_notice_that_waits_too_long_is_a_fault_until_it_is_sent(plan):
    plan.box.happen(raised(plan))
    plan.step()
    plan.clock.advance(119.0)
    plan.step()
    assert plan.box.faults() == []
    plan.clock.advance(2.0)
    for _ in range(3):
        plan.step()
    assert plan.box.faults() == [("notifications", False)]
    assert "Hook" in plan.planner.overdue
    plan.settle_all()
    for _ in range(3):
        plan.step()
    assert plan.box.faults() == [("notifications", False), ("notifications", True)]
    assert isinstance(plan.box.told[0], WorkerFailed)


def test_what_waited_before_there_were_notices_is_not_sent(plan):
    # The migration closes it; here it is as after that.
    plan.box.happen(raised(plan))
    plan.box.commit(
        lambda done: plan.box.storage.evidence.put(
            Write(lambda c: c.execute("UPDATE outbox SET planned = 1, done_utc = 1"), done)
        )
    )
    plan.step()
    assert plan.states() == []


def test_done_rows_are_removed_after_the_time_in_the_settings_and_others_never(plan):
    plan.box.happen(raised(plan, 1))
    plan.step()
    plan.settle_all()
    plan.box.happen(raised(plan, 2))
    plan.step()
    plan.clock.advance(31 * 86_400.0)
    plan.step()
    plan.box.settle()
    assert [row["alarm"] for row in plan.box.rows("SELECT alarm FROM outbox")] == [2]
    assert [row["alarm"] for row in plan.box.rows()] == [2]


def test_figures_tell_what_waits_and_what_was_sent(plan):
    plan.box.happen(raised(plan, 1))
    plan.step()
    assert plan.planner.figures["hook"].pending == 1
    assert plan.planner.figures["hook"].oldest_utc == plan.clock.now().utc
    plan.settle_all()
    plan.step()
    assert plan.planner.figures["hook"].pending == 0
    assert plan.planner.figures["hook"].last_sent_utc == plan.clock.now().utc


def test_a_key_is_the_same_whenever_it_is_computed_and_another_for_all_else(plan):
    one = raised(plan)
    others = [
        replace(one, revision=2),
        replace(one, raised_utc=one.raised_utc + 0.001),
        raised(plan, 2),
        raised(plan, place="elsewhere"),
    ]
    keys = {delivery_key(alarm, target) for alarm in (one, *others) for target in ("x", "y")}
    assert len(keys) == 10
    same = replace(one, recorded=False, reasons=("other words",))
    assert delivery_key(same, "x") == delivery_key(one, "x")


def test_closed_and_acknowledged_at_once_is_one_notice(plan):
    back = raised(plan, state=AlarmState.NORMAL, revision=3)
    plan.box.happen(back, "acknowledge", AlarmState.RETURNED)
    plan.step()
    assert plan.states() == [("acknowledged", "waiting")]
