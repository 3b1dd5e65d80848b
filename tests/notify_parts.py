"""Real receivers of notices for tests: a mail server and a webhook that fail as servers do."""

import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from storage_parts import Outcomes, opened, running

from embereye.model.alarm import AlarmAction, AlarmState
from embereye.model.messages import WorkerFailed
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.runtime.http_exchange import Allowance
from embereye.storage.database import EVIDENCE_FILE, read_all
from embereye.storage.writer import Write

USER, PASSWORD = "console", "s3cret-of-mail"


def allowance(seconds=10.0, cancelled=lambda: False):
    clock = SystemClock()
    return Allowance(clock, clock.mono() + seconds, cancelled)


class MailReceiver:
    """What an aiosmtpd server took; refuses what it is told to.

    Attributes:
        taken: (sender, recipients, content as bytes), in order.
        refused: Answer to recipients, by address.
        answer: To the whole mail; "250 OK" takes it.
    """

    def __init__(self):
        self.taken = []
        self.refused = {}
        self.answer = "250 OK"
        self.logins = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return self.answer

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        good = self.logins[-1] == (USER, PASSWORD)
        return AuthResult(success=good, handled=good)


@contextmanager
def mail_server(receiver, files=None, security="none", login=False):
    """Runs a real server on a free port of 127.0.0.1; the port."""
    context = None
    if files is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    options = {"authenticator": receiver.authenticate, "auth_required": True} if login else {}
    if login and security != "starttls":
        options["auth_require_tls"] = False
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    controller = _Port(
        receiver,
        hostname="127.0.0.1",
        port=0,
        ssl_context=context if security == "tls" else None,
        **options,
    )
    controller.start()
    try:
        yield controller.server.sockets[0].getsockname()[1]
    finally:
        controller.stop()


class _Port(Controller):
    """aiosmtpd asks its own port whether it is up, which does not work for port 0."""

    def _trigger_server(self):
        port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5.0) as connection:
            if self.ssl_context is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                connection = context.wrap_socket(connection)
            connection.recv(1024)
            connection.close()


class HookReceiver:
    """A webhook that does what `script` says, one entry per request, the last one for ever.

    Entries: a status, ("status", headers), "hang", "endless", "garbage", "cut".

    Attributes:
        requests: (path, headers, body) of all, in order, also of those that failed.
    """

    def __init__(self, *script):
        self.script = list(script) or [200]
        self.requests = []
        self.over = threading.Event()
        self.arrived = threading.Condition()

    def next(self):
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def keys(self):
        return [headers["Idempotency-Key"] for _, headers, _ in self.requests]


@contextmanager
def webhook(receiver, files=None):
    """Runs the receiver on a free port of 127.0.0.1; the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.receiver = receiver
    server.daemon_threads = True
    if files is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    @property
    def receiver(self):
        return self.server.receiver

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.receiver.arrived:
            self.receiver.requests.append((self.path, dict(self.headers), body))
            self.receiver.arrived.notify_all()
        self._answer(self.receiver.next())
        self.close_connection = True

    def _answer(self, what):
        if what == "hang":
            self.receiver.over.wait(20.0)
        elif what == "endless":
            self._write(b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.receiver.over.is_set() and self._write(b"x" * 65536):
                pass
        elif what == "garbage":
            self._write(b"\x00\xff SSH-2.0 nothing you know\r\n\r\n")
        elif what != "cut":
            self._status(*(what if isinstance(what, tuple) else (what, {})))

    def _status(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, data):
        try:
            self.wfile.write(data)
        except OSError:
            return False
        return True

    def log_message(self, *_):
        pass


def free_port():
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Outbox:
    """A real database with alarms, and what tests do with them.

    Attributes:
        store: Of notices.
        told: What planner and couriers said to the engine.
    """

    def __init__(self, storage):
        self.storage, self.store = storage, storage.outbox
        self.path = storage.folder / EVIDENCE_FILE
        self.told = []

    def happen(self, alarm, event="cause", before=AlarmState.NORMAL, at=None, actor="system"):
        """Commit a change of an alarm."""
        moment = Stamp(0.0, alarm.changed_utc if at is None else at)
        action = AlarmAction(alarm.id, event, actor, moment, before, alarm.state, alarm.reasons)
        self.commit(lambda done: self.storage.alarms.save(alarm, action, done))

    def commit(self, write):
        """Run something that ends with a call of `done`, and wait for that."""
        outcomes = Outcomes()
        write(outcomes.of(0))
        outcomes.wait(1)

    def settle(self):
        """Wait until everything that was written is committed."""
        outcomes = Outcomes()
        self.storage.evidence.put(Write(lambda _connection: None, outcomes.of(0)))
        outcomes.wait(1)

    def rows(self, sql="SELECT * FROM deliveries ORDER BY id"):
        return read_all(self.path, sql)

    def faults(self):
        return [(m.name, m.recovered) for m in self.told if isinstance(m, WorkerFailed)]


@contextmanager
def outbox(folder):
    """An `Outbox` whose writer runs."""
    storage = opened(folder)
    with running(storage.evidence):
        yield Outbox(storage)
