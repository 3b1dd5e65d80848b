"""Load of authenticated devices on a sensor listener, made in a process of its own."""

import contextlib
import secrets
import socket
from dataclasses import dataclass
from multiprocessing.connection import Connection

from embereye.ingest import secure_packet as wire
from embereye.runtime.clock import SystemClock

_PAYLOAD = 50  # packets in one write: below 8 KiB, which the listener reads at once
_SEND_BUFFER = 65_536  # bytes; else megabytes wait here when the time is over
_PATIENCE = 30.0  # s for the listener to read what is on its way, and to acknowledge it


@dataclass(frozen=True, slots=True)
class AuthLoad:
    """Who sends.

    Attributes:
        idents: Device ids; each has the key `kid` with `secret`.
        secret: Not in logs; a bench's own.
    """

    port: int
    idents: tuple[str, ...]
    kid: str
    secret: bytes
    seconds: float

    def __repr__(self) -> str:
        return f"AuthLoad({len(self.idents)} devices)"


def flood_authenticated(load: AuthLoad, results: Connection) -> None:
    """Send as fast as the listener reads; the result counts packets that were acknowledged too."""
    clock = SystemClock()
    devices = [_Device(load, ident) for ident in load.idents]
    sent, end = 0, clock.mono() + load.seconds
    while clock.mono() < end:
        for device in devices:
            sent += device.send(int(clock.now().utc * 1000))
            device.listen()
    for device in devices:
        device.finish()
    results.send(sent)
    acknowledged = sum(device.acknowledged for device in devices)
    results.send(acknowledged)


def connect(port: int, ident: str, kid: str, secret: bytes) -> tuple[socket.socket, bytes]:
    """A connection on which the server proved itself, and the key to send with."""
    connection = socket.create_connection(("127.0.0.1", port), _PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    said = wire.Hello(ident, kid, 1, secrets.token_hex(wire.NONCE_BYTES), "1.0.0")
    connection.sendall(wire.hello(said))
    answer = b""
    while not answer.endswith(b"!"):
        answer += connection.recv(4096)
    challenge = wire.read_challenge(answer[1:-1])
    if challenge is None:
        raise RuntimeError("the listener did not answer the hello")
    keys = wire.session_keys(secret, said, challenge.nonce)
    if not wire.genuine(keys.to_device, challenge):
        raise RuntimeError("the listener does not have the key")
    return connection, keys.to_server


class _Device:
    """One device: numbers, seals, sends, and counts acknowledgements."""

    def __init__(self, load: AuthLoad, ident: str) -> None:
        self.acknowledged = 0
        self._socket, self._key = connect(load.port, ident, load.kid, load.secret)
        self._socket.setblocking(False)
        self._body = f"Sensor{ident}:ADC1=270,ADC2=1310,ADC3:=3,DIO=0".encode()
        self._seq = 0
        self._left = b""
        self._heard = b""

    def send(self, milliseconds: int) -> int:
        """Send what the network takes; how many packets were begun."""
        begun = 0
        if not self._left:
            numbers = range(self._seq + 1, self._seq + _PAYLOAD + 1)
            key, body = self._key, self._body
            self._left = b"".join(wire.message(key, n, milliseconds, body) for n in numbers)
            self._seq += _PAYLOAD
            begun = _PAYLOAD
        with contextlib.suppress(BlockingIOError):
            self._left = self._left[self._socket.send(self._left) :]
        return begun

    def listen(self) -> None:
        """Take acknowledgements; commands are passed over."""
        try:
            while received := self._socket.recv(65_536):
                self._take(received)
        except BlockingIOError:
            pass

    def finish(self) -> None:
        """Send the rest, and wait until everything is acknowledged."""
        self._socket.settimeout(_PATIENCE)
        self._socket.sendall(self._left)
        while self.acknowledged < self._seq:
            received = self._socket.recv(65_536)
            if not received:
                break
            self._take(received)
        self._socket.close()

    def _take(self, received: bytes) -> None:
        *bodies, self._heard = (self._heard + received).split(b"!")
        for body in bodies:
            sealed = wire.read_acknowledgement(body[1:])
            if sealed is not None:
                self.acknowledged = max(self.acknowledged, sealed.numbers[0])
