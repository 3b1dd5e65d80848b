"""The threads together: from a committed alarm to a receiver, and what screens read."""

import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from consoles import alarm
from notify_parts import (
    PASSWORD,
    USER,
    HookReceiver,
    MailReceiver,
    mail_server,
    outbox,
    webhook,
)

from embereye.config.notify_options import EmailTarget, Notifications, WebhookTarget
from embereye.config.schema import Settings
from embereye.model.alarm import AlarmTable
from embereye.model.messages import AlarmChanged, RequestRefused
from embereye.model.notice import SendTestAsked
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.access import Access
from embereye.services.notify import AroundNotices, Notices


class Secrets:
    def read(self, name):
        return PASSWORD if name == "notify/mail" else None


class Desk:
    def __init__(self, box):
        self.box, self.clock = box, SystemClock()
        self.published, self.audited = [], []
        self.settings = Settings()
        self.engine = Engine(self.clock)
        self.notices = Notices(
            AroundNotices(
                engine=self.engine,
                outbox=box.store,
                secrets=Secrets(),
                access=Access(lambda: self.settings),
                alarms=AlarmTable,
                publish=self.published.append,
                tell=box.told.append,
                audit=lambda *row: self.audited.append(row[:4]),
            )
        )

    def use(self, role="administrator", **section):
        self.settings = Settings(notifications=Notifications(**section), role=role)
        self.notices.apply(self.settings)

    def happen(self, number):
        made = alarm(number, self.clock)
        self.box.happen(made)
        self.notices.take(AlarmChanged(made, True, None, self.clock.now()))

    def ask_test(self, target):
        self.engine.post(SendTestAsked(target, "alice"))
        self.engine.step()

    def state(self, target):
        return next(t for t in self.notices.current.targets if t.id == target)

    def until(self, condition, seconds=20.0):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        assert condition()


@contextmanager
def working(notices):
    stop = Event()
    threads = [Thread(target=worker.run, args=(stop,)) for _, worker in notices.workers()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(5.0)
            assert not thread.is_alive()


@pytest.fixture
def desk(tmp_path):
    with outbox(tmp_path) as box:
        yield Desk(box)


def mailing(port, **changes):
    return EmailTarget(
        id="mail", name="Mail", host="127.0.0.1", port=port, security="none",
        sender="c@example.com", recipients=("a@example.com",), **changes,
    )  # fmt: skip


def hook(port):
    return WebhookTarget(id="hook", name="Hook", url=f"http://127.0.0.1:{port}/")


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
def test_an_alarm_reaches_every_target(desk):
    mails, hooks = MailReceiver(), HookReceiver()
    with mail_server(mails, login=True) as one, webhook(hooks) as two, working(desk.notices):
        desk.use(emails=(mailing(one, user=USER),), webhooks=(hook(two),))
        desk.happen(1)
        desk.until(lambda: mails.taken and hooks.requests)
        desk.until(lambda: desk.state("mail").figures.last_sent_utc is not None)
    assert mails.logins == [(USER, PASSWORD)]
    assert desk.state("hook").figures.pending == 0


def test_a_mail_server_that_hangs_never_delays_a_webhook_nor_the_stop(desk):
    hooks, hanging = HookReceiver(), HookReceiver("hang")
    # A web server says nothing until it is spoken to: to a mail client it hangs.
    with webhook(hanging) as one, webhook(hooks) as two:
        started = time.monotonic()
        with working(desk.notices):
            desk.use(emails=(mailing(one),), webhooks=(hook(two),))
            for number in range(1, 6):
                desk.happen(number)
            desk.until(lambda: len(hooks.requests) == 5)
            assert time.monotonic() - started < 10.0  # the mail's own deadline is 30 s
        assert time.monotonic() - started < 12.0


def test_a_test_is_for_those_who_may(desk):
    hooks = HookReceiver()
    with webhook(hooks) as port, working(desk.notices):
        desk.use(role="operator", webhooks=(hook(port),))
        desk.ask_test("hook")
        assert isinstance(desk.published[-1], RequestRefused)
        desk.use(webhooks=(hook(port),))
        desk.ask_test("hook")
        desk.until(lambda: desk.state("hook").test is not None and desk.state("hook").test.good)
        desk.ask_test("gone")
        assert "gone" in desk.published[-1].text
    assert desk.audited == [("notifications", "hook", "alice", "A test was sent.")]
    assert len(hooks.requests) == 1
