"""Authenticated devices for tests: keys, an inbox in memory, the device's end of the wire."""

from embereye.ingest import secure_packet as wire
from embereye.ingest.inbox import Progress
from embereye.model.credential import DeviceKey, KeyRing, KeyState

SECRET = bytes(range(32))
MS = 1_700_000_000_000  # FakeClock's wall clock
BODY = b"Sensor17:ADC1=5,ADC2=6"


def key(device="boiler", kid="k1", secret=SECRET, state=KeyState.ACTIVE, created=0.0, expires=None):
    return DeviceKey(device, kid, secret, state, created, expires)


def ring(*keys):
    return KeyRing(keys or (key(),))


class MemoryInbox:
    """The port of the inbox; by hand, `commit` and `refuse` play the writer's thread."""

    def __init__(self, by_hand=False):
        self.rows = {}
        self.waiting = []
        self._known = {}
        self._by_hand = by_hand

    def progress(self, device):
        return self._known.get(device, Progress())

    def put(self, packets, complete_to, done):
        self.waiting.append((packets, complete_to, done))
        if not self._by_hand:
            self.commit()

    def commit(self):
        waiting, self.waiting = self.waiting, []
        for packets, complete_to, done in waiting:
            for packet in packets:
                self.rows.setdefault((packet.device, packet.boot, packet.seq), packet)
            device, boot = packets[0].device, packets[0].boot
            known = self.progress(device)
            if (boot, complete_to) > (known.boot, known.seq):
                self._known[device] = Progress(boot, complete_to)
            done(True)

    def refuse(self):
        waiting, self.waiting = self.waiting, []
        for _, _, done in waiting:
            done(False)


class DeviceEnd:
    """What a device says; believes every challenge."""

    def __init__(self, device="boiler", kid="k1", secret=SECRET, boot=1, firmware="1.4.0"):
        self.device, self.kid, self.secret, self.boot = device, kid, secret, boot
        self.firmware = firmware
        self.nonces = 0
        self.rest = b""
        self.keys = None
        self.said = None
        self.nonce = ""
        self.challenges, self.acknowledged, self.commands = [], [], []
        self.judged = []

    def hello(self):
        self.nonces += 1
        nonce = f"{self.nonces:016x}"
        self.said = wire.Hello(self.device, self.kid, self.boot, nonce, self.firmware)
        return wire.hello(self.said)

    def hear(self, packets):
        """Take what the server sent, every code checked."""
        *bodies, self.rest = (self.rest + packets).split(b"!")
        for body in bodies:
            sealed = wire.read_challenge(body[1:])
            if sealed is not None:
                self.nonce = sealed.nonce
                self.keys = wire.session_keys(self.secret, self.said, sealed.nonce)
                self.challenges.append(sealed.numbers)
            elif (sealed := wire.read_acknowledgement(body[1:])) is not None:
                self.acknowledged.append(sealed.numbers[0])
            elif (sealed := wire.read_receipt(body[1:])) is not None:
                self.judged.append(sealed.numbers[0])
            elif (sealed := wire.read_command(body[1:])) is not None:
                self.commands.append((sealed.numbers[0], sealed.body))
            else:
                raise AssertionError(body)
            assert wire.genuine(self.keys.to_device, sealed)

    def say(self, seq, body=BODY, ms=MS):
        return wire.message(self.keys.to_server, seq, ms, body)
