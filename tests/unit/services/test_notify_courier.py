"""What the plan says is sent: at least once, in order, and never held up by another target."""

import contextlib
import json
from collections import Counter
from dataclasses import replace

import pytest
from consoles import alarm
from fakes import FakeClock
from notify_parts import HookReceiver, MailReceiver, free_port, mail_server, outbox, webhook

from embereye.config.notify_options import EmailTarget, Notifications, Occasion, WebhookTarget
from embereye.config.schema import AlarmRule, Settings
from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    AlarmState,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import PlaceId
from embereye.model.notice import TargetKind
from embereye.services.notify_courier import Courier
from embereye.services.notify_plan import NoticePlanner
from embereye.services.notify_targets import notice_site
from embereye.storage.writer import Write

ALL = ("announced", "escalated", "acknowledged", "returned", "closed")
OCCASION = Occasion(priority="diagnostic", events=ALL)


class Post:
    """Planner and couriers over a real database, stepped by the test."""

    def __init__(self, box, clock):
        self.box, self.clock = box, clock
        self.planner = NoticePlanner(box.store, clock, box.told.append, lambda: None)
        self.hooks = Courier(TargetKind.WEBHOOK, box.store, clock, box.told.append)
        self.mail = Courier(TargetKind.EMAIL, box.store, clock, box.told.append)

    def use(self, *targets, rules=()):
        hooks = tuple(t for t in targets if isinstance(t, WebhookTarget))
        mails = tuple(t for t in targets if isinstance(t, EmailTarget))
        section = Notifications(webhooks=hooks, emails=mails)
        site = notice_site(Settings(notifications=section, rules=rules), lambda _name: None)
        self.planner.site = site
        self.hooks.apply(site)
        self.mail.apply(site)

    def plan(self):
        self.planner.step()
        self.box.settle()
        self.planner.step()

    def send(self, rounds=100):
        """Send until nothing more is due; without moving the clock."""
        for _ in range(rounds):
            if not self.hooks.step() + self.mail.step():
                return
            self.box.settle()

    def work(self):
        self.plan()
        self.send()

    def states(self, target=None):
        rows = self.box.rows()
        return [r["state"] for r in rows if target in (None, r["target"])]


@pytest.fixture
def post(tmp_path):
    with outbox(tmp_path) as box:
        yield Post(box, FakeClock())


def hook(port, name="hook", **changes):
    fields = {"id": name, "name": name, "url": f"http://127.0.0.1:{port}/", "occasion": OCCASION}
    return WebhookTarget(**{**fields, **changes})


def mailing(port, name="mail", **changes):
    fields = {
        "id": name, "name": name, "host": "127.0.0.1", "port": port, "security": "none",
        "sender": "console@example.com", "recipients": ("a@example.com",), "occasion": OCCASION,
    }  # fmt: skip
    return EmailTarget(**{**fields, **changes})


def story(post, number, clock):
    """An alarm that is raised, acknowledged, and ends: three notices."""
    raised = alarm(number, clock, kind=AlarmKind.INTRUSION, priority=Priority.HIGH)
    post.box.happen(raised)
    done = replace(raised, state=AlarmState.ACKNOWLEDGED, revision=2)
    post.box.happen(done, "acknowledge", AlarmState.UNACKNOWLEDGED, actor="alice")
    over = replace(raised, state=AlarmState.NORMAL, revision=3)
    post.box.happen(over, "cause ends", AlarmState.ACKNOWLEDGED)


def events(receiver):
    documents = [json.loads(body) for _, _, body in receiver.requests]
    return [(d["alarm"]["id"], d["event"]) for d in documents]


STORY = ["announced", "acknowledged", "returned"]


def test_a_story_is_told_once_and_in_order(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port))
        story(post, 1, post.clock)
        post.work()
        post.work()
    assert events(receiver) == [(1, event) for event in STORY]
    assert post.states() == ["sent"] * 3
    assert post.box.rows("SELECT id FROM outbox WHERE done_utc IS NULL") == []


def test_the_same_notice_has_the_same_key_at_each_try(post):
    receiver = HookReceiver(503, "hang", "cut", 200)
    receiver.over.set()  # so that "hang" ends at once: without an answer
    with webhook(receiver) as port:
        post.use(hook(port))
        post.box.happen(alarm(1, post.clock))
        post.plan()
        for _ in range(4):
            post.send()
            post.clock.advance(60.0)
    assert len(set(receiver.keys())) == 1
    assert len(receiver.requests) == 4
    assert post.states() == ["sent"]


def test_different_notices_and_targets_have_different_keys(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port, "one"), hook(port, "two"))
        story(post, 1, post.clock)
        story(post, 2, post.clock)
        post.work()
    assert len(set(receiver.keys())) == 12


@pytest.mark.parametrize("outage", ["refused", "error"])
def test_an_outage_of_an_hour_loses_and_repeats_nothing(post, outage):
    clock, port = post.clock, free_port()
    receiver = HookReceiver(200 if outage == "refused" else 503)
    with contextlib.ExitStack() as stack:
        if outage == "error":
            port = stack.enter_context(webhook(receiver))
        post.use(hook(port))
        for minute in range(60):
            if minute % 6 == 0:
                story(post, 1 + minute // 6, clock)
            post.work()
            clock.advance(60.0)
        assert post.states() == ["waiting"] * 30
        tried = len(receiver.requests)
        assert tried <= 70  # about once a minute; not thousands of times
        receiver.script = [200]
        if outage == "refused":
            port = stack.enter_context(webhook(receiver))
            post.use(hook(port))  # the port is free again and another one now
        for _ in range(5):
            post.work()
            clock.advance(60.0)
    told = events(receiver)[tried:]
    assert Counter(told) == Counter((n, event) for n in range(1, 11) for event in STORY)
    for number in range(1, 11):
        assert [event for n, event in told if n == number] == STORY


def test_an_urgent_notice_overtakes_those_of_other_alarms(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port))
        for number in range(1, 6):
            low = alarm(number, post.clock, kind=AlarmKind.GAS, priority=Priority.LOW)
            post.box.happen(low)
        post.box.happen(alarm(9, post.clock))
        post.work()
    assert events(receiver)[0] == (9, "announced")


def test_a_notice_that_is_never_taken_is_a_fault_and_holds_nothing_up(post):
    receiver = HookReceiver(400, 200)
    with webhook(receiver) as port:
        post.use(hook(port))
        post.box.happen(alarm(1, post.clock))
        post.work()
        assert post.states() == ["failed"]
        assert post.box.faults() == [("notification hook", False)]
        post.box.happen(alarm(2, post.clock))
        post.work()
    assert post.states() == ["failed", "sent"]
    assert post.box.faults()[-1] == ("notification hook", True)


def test_one_notice_that_the_server_chokes_on_does_not_stop_the_others(post):
    receiver = HookReceiver()
    receiver.next = lambda: 500 if b'"id": 1,' in receiver.requests[-1][2] else 200
    with webhook(receiver) as port:
        post.use(hook(port))
        for number in (1, 2, 3):
            post.box.happen(alarm(number, post.clock))
        post.plan()
        for _ in range(8):
            post.send()
            post.clock.advance(2.0)
    assert post.states() == ["waiting", "sent", "sent"]


def test_what_follows_of_the_same_alarm_waits_for_what_the_server_chokes_on(post):
    receiver, healthy = HookReceiver(), []
    chokes = b'"event": "announced"'
    receiver.next = lambda: 500 if chokes in receiver.requests[-1][2] and not healthy else 200
    with webhook(receiver) as port:
        post.use(hook(port))
        story(post, 1, post.clock)
        post.plan()
        for _ in range(8):
            post.send()
            post.clock.advance(1.5)  # the target is tried sooner than this very notice
        assert {event for _, event in events(receiver)} == {"announced"}
        healthy.append(True)
        post.clock.advance(60.0)
        post.send()
    assert [event for _, event in events(receiver)][-3:] == STORY


def test_a_row_that_the_disk_damaged_does_not_hold_the_others_up(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port))
        post.box.happen(alarm(1, post.clock))
        post.box.happen(alarm(2, post.clock))
        post.plan()
        damage = "UPDATE outbox SET payload = '{}' WHERE alarm = 1"
        post.box.commit(
            lambda done: post.box.storage.evidence.put(Write(lambda c: c.execute(damage), done))
        )
        post.send()
    assert post.states() == ["waiting", "sent"]


def test_a_target_that_is_down_does_not_hold_up_another_one_of_its_kind(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(free_port(), "down"), hook(port, "up"))
        for number in range(1, 41):
            post.box.happen(alarm(number, post.clock))
        post.work()
    assert post.states("up") == ["sent"] * 40
    assert post.states("down") == ["waiting"] * 40


def test_a_receiver_says_when_to_come_again(post):
    receiver = HookReceiver((429, {"Retry-After": "300"}), 200)
    with webhook(receiver) as port:
        post.use(hook(port))
        post.box.happen(alarm(1, post.clock))
        post.work()
        post.clock.advance(299.0)
        post.send()
        assert len(receiver.requests) == 1
        post.clock.advance(1.5)
        post.send()
    assert post.states() == ["sent"]


def test_a_notice_is_given_up_after_the_time_in_the_settings_and_that_is_a_fault(post):
    post.use(hook(free_port()))
    post.box.happen(alarm(1, post.clock))
    post.plan()
    for _ in range(22):
        post.send()
        post.box.settle()
        post.clock.advance(3.3 * 3600.0)
    assert post.states() == ["waiting"]
    post.send()
    assert post.states() == ["failed"]
    assert ("notification hook", False) in post.box.faults()


def test_a_clock_that_is_set_by_years_gives_nothing_up(post):
    post.use(hook(free_port()))
    post.box.happen(alarm(1, post.clock))
    post.plan()
    post.clock.jump_wall(56 * 365 * 86_400.0)
    for _ in range(5):
        post.send()
        post.box.settle()
        post.clock.advance(60.0)
    assert post.states() == ["waiting"]


def test_recipients_who_have_it_do_not_get_it_again(post):
    receiver = MailReceiver()
    receiver.refused = {"b@example.com": "451 later"}
    with mail_server(receiver) as port:
        post.use(mailing(port, recipients=("a@example.com", "b@example.com")))
        post.box.happen(alarm(1, post.clock))
        post.work()
        assert post.states() == ["waiting"]
        receiver.answer = "451 later"  # it fails once more, for all
        post.clock.advance(60.0)
        post.send()
        receiver.refused, receiver.answer = {}, "250 OK"
        post.clock.advance(60.0)
        post.send()
    assert [recipients for _, recipients, _ in receiver.taken] == [
        ["a@example.com"],
        ["b@example.com"],
    ]
    assert post.states() == ["sent"]


def test_a_mail_names_the_alarm_and_marks_no_alarm_as_test(post):
    receiver = MailReceiver()
    with mail_server(receiver) as port:
        post.use(mailing(port))
        post.box.happen(alarm(7, post.clock, place_name="Boiler\r\nBcc: all@example.com"))
        post.work()
    ((_, _, content),) = receiver.taken
    head = content.decode().partition("\r\n\r\n")[0]
    assert "Subject: emergency: fire at Boiler Bcc: all@example.com (announced)" in head
    assert not any(line.startswith("Bcc") for line in head.splitlines())
    assert "TEST" not in content.decode()


# --- cooldown --------------------------------------------------------------------------------


def again(post, number, **changes):
    """The next alarm of the same key."""
    fields = {"kind": AlarmKind.INTRUSION, "place": "yard", "priority": Priority.HIGH, **changes}
    made = alarm(number, post.clock, **fields)
    post.box.happen(made)
    return made


def test_a_cooldown_counts_from_the_notice_that_was_sent(post):
    receiver = HookReceiver(503, 200)
    with webhook(receiver) as port:
        target = hook(port, occasion=OCCASION.model_copy(update={"cooldown": 300.0}))
        post.use(target)
        again(post, 1)
        post.work()  # fails
        post.clock.advance(200.0)
        post.send()  # sent only now
        post.clock.advance(200.0)  # 400 s after the alarm, 200 s after the notice
        again(post, 2)
        post.work()
        assert post.states() == ["sent", "skipped"]
        post.clock.advance(101.0)
        again(post, 3)
        post.work()
    assert post.states() == ["sent", "skipped", "sent"]


def test_what_follows_an_announcement_that_was_not_sent_is_not_sent_either(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port, occasion=OCCASION.model_copy(update={"cooldown": 300.0})))
        again(post, 1)
        second = again(post, 2)
        over = replace(second, state=AlarmState.RETURNED, revision=2)
        post.box.happen(over, "cause ends", AlarmState.UNACKNOWLEDGED)
        post.work()
    assert post.states() == ["sent", "skipped", "skipped"]


def test_a_higher_priority_breaks_the_cooldown(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port, occasion=OCCASION.model_copy(update={"cooldown": 300.0})))
        again(post, 1, priority=Priority.MEDIUM)
        post.work()
        again(post, 2, priority=Priority.HIGH)
        post.work()
    assert post.states() == ["sent", "sent"]


def test_a_notice_of_a_walk_test_keeps_back_no_real_one(post):
    receiver = HookReceiver()
    test = Overlay(OverlayKind.TEST, Scope(PlaceId("yard")), "", "a", 0, 1e12, Priority.EMERGENCY)
    with webhook(receiver) as port:
        post.use(hook(port, occasion=OCCASION.model_copy(update={"cooldown": 300, "tests": True})))
        fields = {"kind": AlarmKind.FIRE, "priority": Priority.EMERGENCY}
        again(post, 1, overlay=test, **fields)
        post.work()
        again(post, 2, **fields)  # the test is over, and it burns
        post.work()
        again(post, 3, **fields)
        post.work()
    assert post.states() == ["sent", "sent", "skipped"]


def test_a_clock_that_is_put_back_silences_nothing(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port, occasion=OCCASION.model_copy(update={"cooldown": 300.0})))
        again(post, 1)
        post.work()
        post.clock.jump_wall(-86_400.0)
        again(post, 2)
        post.work()
    assert post.states() == ["sent", "sent"]


def test_a_rule_brings_its_own_cooldown_and_targets(post):
    receiver, other = HookReceiver(), HookReceiver()
    group = {"conditions": [{"input": "label", "label": "person"}]}
    rule = AlarmRule(id="gate", name="Gate", groups=[group], cooldown=60.0, actions=("one",))
    with webhook(receiver) as port, webhook(other) as second:
        quiet = Occasion(priority="emergency", events=ALL)
        post.use(hook(port, "one", occasion=quiet), hook(second, "two"), rules=(rule,))
        key = AlarmKey(PlaceId("yard"), AlarmKind.RULE, "gate")
        for number in (1, 2):
            made = replace(alarm(number, post.clock, priority=Priority.LOW), key=key)
            post.box.happen(made)
        post.work()
    assert post.states("one") == ["sent", "skipped"]
    assert other.requests == []


def test_a_rule_whose_targets_are_gone_is_told_to_all_who_want_its_alarms(post):
    receiver = HookReceiver()
    group = {"conditions": [{"input": "label", "label": "person"}]}
    rule = AlarmRule(id="gate", name="Gate", groups=[group], actions=("gone", "off"))
    with webhook(receiver) as port:
        post.use(hook(port), hook(port, "off", enabled=False), rules=(rule,))
        key = AlarmKey(PlaceId("yard"), AlarmKind.RULE, "gate")
        post.box.happen(replace(alarm(1, post.clock), key=key))
        post.work()
    assert post.states() == ["sent"]


# --- settings and tests ------------------------------------------------------------------------


def test_what_waits_for_a_target_that_was_removed_is_given_up(post):
    post.use(hook(free_port()))
    post.box.happen(alarm(1, post.clock))
    post.plan()
    post.use()
    post.send()
    assert post.states() == ["skipped"]


def test_before_the_settings_came_nothing_is_planned_and_nothing_given_up(tmp_path):
    receiver = HookReceiver()
    with outbox(tmp_path) as box, webhook(receiver) as port:
        first = Post(box, FakeClock())
        first.use(hook(port))
        box.happen(alarm(1, first.clock))
        first.plan()
        box.happen(alarm(2, first.clock))
        second = Post(box, FakeClock())  # the next run: its threads start before the settings
        second.work()
        assert second.states() == ["waiting"]
        second.use(hook(port))
        second.work()
        assert second.states() == ["sent", "sent"]


def test_corrected_settings_are_used_at_once(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(free_port()))
        post.box.happen(alarm(1, post.clock))
        post.work()
        assert post.states() == ["waiting"]
        post.use(hook(port))
        post.send()
    assert post.states() == ["sent"]


def test_a_test_says_in_words_what_became_of_it(post):
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post.use(hook(port, "good"), hook(free_port(), "bad"))
        post.hooks._follow_settings()
        for target in ("good", "bad", "gone"):
            post.hooks._send_test(target, lambda: False)
    tests = post.hooks.tests
    assert (tests["good"].good, tests["bad"].good, tests["gone"].good) == (True, False, False)
    assert "cannot be reached" in tests["bad"].text
    document = json.loads(receiver.requests[0][2])
    assert document["test"] is True
    assert post.box.rows() == []


# --- a disk that fails -------------------------------------------------------------------------


def test_an_announcement_that_the_disk_does_not_take_is_sent_from_memory_and_only_once(post):
    receiver = HookReceiver()
    fire = alarm(1, post.clock)
    with webhook(receiver) as port:
        post.use(hook(port))
        post.hooks.unrecorded.put(replace(fire, recorded=False), post.clock.mono())
        post.send()
        assert receiver.requests == []  # a slow disk gets a second
        post.clock.advance(1.0)
        post.send()
        assert events(receiver) == [(1, "announced")]
        post.box.happen(fire)  # the disk works again
        post.hooks.unrecorded.recorded(fire.id)
        post.work()
        post.clock.advance(60.0)
        post.work()
    assert len(receiver.requests) == 1
    assert post.states() == ["sent"]


def test_what_is_recorded_in_time_goes_through_the_outbox_alone(post):
    receiver = HookReceiver()
    fire = alarm(1, post.clock)
    with webhook(receiver) as port:
        post.use(hook(port))
        post.hooks.unrecorded.put(replace(fire, recorded=False), post.clock.mono())
        post.hooks.unrecorded.recorded(fire.id)
        post.box.happen(fire)
        post.clock.advance(5.0)
        post.work()
    assert len(receiver.requests) == 1


def test_from_memory_it_is_tried_again_too_and_has_the_key_of_the_outbox(post):
    receiver = HookReceiver(503, "cut", 200)
    fire = alarm(1, post.clock)
    with webhook(receiver) as port:
        post.use(hook(port))
        post.hooks.unrecorded.put(replace(fire, recorded=False), post.clock.mono())
        for _ in range(2):
            post.clock.advance(60.0)
            post.send()
        post.hooks.unrecorded.recorded(fire.id)
        post.box.happen(fire)
        post.clock.advance(60.0)
        post.work()
    assert len(set(receiver.keys())) == 1
    assert post.states() == ["sent"]
