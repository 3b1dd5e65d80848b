"""The server's side of the authenticated protocol, for tests of devices: does what it is told."""

from embereye.ingest import secure_packet as wire
from embereye.ingest.auth_client import Splitter


class ScriptedServer:
    """Knows keys by (device, kid), stores packets once, acknowledges when asked.

    Attributes:
        stored: Bodies by (boot, seq), in the order of arrival.
        duplicates: Packets that were stored already.
        bad: Packets that were not genuine or made no sense.
    """

    def __init__(self, keys, ms=1_763_629_000_000):
        self.keys = dict(keys)
        self.ms = ms
        self.stored = {}
        self.stamps = {}
        self.duplicates = self.bad = 0
        self.boot = self.seq = 0
        self.said = self.session = None
        self._nonces = 0
        self._commands = 0
        self._splitter = Splitter()

    def opened(self):
        """A new connection."""
        self.said = self.session = None
        self._commands = 0
        self._splitter = Splitter()

    def receive(self, data):
        """What is answered to bytes of the device: a challenge, or nothing."""
        answer = b""
        for body in self._splitter.feed(data):
            said = wire.read_hello(body)
            if said is not None and (said.device, said.kid) in self.keys:
                answer += self._challenge(said)
            elif self.session is not None:
                self._take(body)
        return answer

    def acknowledge(self):
        return wire.acknowledgement(self.session.to_device, self.seq)

    def receipt(self, seq):
        return wire.receipt(self.session.to_device, seq)

    def command(self, body, seq=None):
        self._commands = self._commands + 1 if seq is None else seq
        return wire.command(self.session.to_device, self._commands, self.ms, body)

    def wrapped(self, kid, secret):
        old = self.keys[self.said.device, self.said.kid]
        return self.command(wire.wrap_key(old, self.said, self.nonce, kid, secret))

    def _challenge(self, said):
        self._nonces += 1
        self.nonce = f"{self._nonces:016x}"
        self.said = said
        self.session = wire.session_keys(self.keys[said.device, said.kid], said, self.nonce)
        return wire.challenge(self.session.to_device, self.nonce, self.ms, self.boot, self.seq)

    def _take(self, body):
        sealed = wire.read_message(body)
        if sealed is None or not wire.genuine(self.session.to_server, sealed):
            self.bad += 1
            return
        seq, ms = sealed.numbers
        if self.said.boot > self.boot:
            self.boot, self.seq = self.said.boot, 0
        if (self.said.boot, seq) in self.stored:
            self.duplicates += 1
            return
        self.stored[self.said.boot, seq] = sealed.body
        self.stamps[self.said.boot, seq] = ms
        while (self.boot, self.seq + 1) in self.stored:
            self.seq += 1
