"""The authenticated part of `embereye bench sensors`: verified, handled, stored, acknowledged."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from embereye.bench.report import Metric, at_least, at_most
from embereye.bench.sensor_chain import Chain, idents, processor_seconds, running, wait
from embereye.bench.sensor_load import LoadProcess
from embereye.bench.sensor_load_auth import AuthLoad, flood_authenticated
from embereye.ingest import secure_packet as wire
from embereye.ingest.inbox import Inbox
from embereye.model.credential import KEY_BYTES, DeviceKey, KeyRing, KeyState
from embereye.model.ids import DeviceId
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.storage.opening import open_storage

_KID = "bench1"
_STOP = 5.0  # s for the writer to end
_VERIFIED = 20_000  # packets of the verification part: 0.1 s
_NOTE = (
    "Authenticated packets: 100 devices; each packet is verified, parsed, handled by the engine and"
    " committed in a database on this disk (synchronous=FULL) before it is acknowledged; the"
    " processor time of the database writer is included."
)


def measure(seconds: float) -> tuple[dict[str, Metric], str]:
    """Metrics, and a note on what they include."""
    secret = secrets.token_bytes(KEY_BYTES)
    ring = KeyRing(
        DeviceKey(DeviceId(ident), _KID, secret, KeyState.ACTIVE, 0.0) for ident in idents()
    )
    with _inbox() as inbox, running(ring, inbox) as chain:
        sent, acknowledged, wall, cpu = _flood(chain, secret, seconds)
        received = chain.readings
    return {
        "authenticated_packets_per_s": at_least(received / wall, 15_000, "1/s"),
        "authenticated_packets_per_s_and_core": at_least(received / cpu, 15_000, "1/s"),
        "authenticated_packets_lost": at_most(sent - received, 0, "packets"),
        "authenticated_packets_unacknowledged": at_most(sent - acknowledged, 0, "packets"),
        "verification": at_most(_verification() * 1e6, 20, "µs"),
    }, _NOTE


def _flood(chain: Chain, secret: bytes, seconds: float) -> tuple[int, int, float, float]:
    load = AuthLoad(chain.port, tuple(idents()), _KID, secret, seconds)
    generator = LoadProcess(flood_authenticated, load)
    while chain.readings == 0:
        wait()
    began, cpu = chain.clock.mono(), processor_seconds()
    already = chain.readings
    sent = generator.count()
    acknowledged = generator.sent()
    chain.drain(sent)
    wall, cpu = chain.clock.mono() - began, processor_seconds() - cpu
    share = (chain.readings - already) / max(1, chain.readings)
    return sent, acknowledged, wall / share, cpu / share


def _verification() -> float:
    """Seconds to read and verify one usual packet."""
    clock = SystemClock()
    key = secrets.token_bytes(KEY_BYTES)
    body = b"Sensor1234:ADC1=270,ADC2=1310,ADC3:=3,DIO=0"
    packets = [wire.message(key, n, 1_763_629_000_123, body)[1:-1] for n in range(1, _VERIFIED + 1)]
    began = clock.mono()
    for packet in packets:
        sealed = wire.read_message(packet)
        if sealed is None or not wire.genuine(key, sealed):
            raise RuntimeError("a genuine packet was not verified")
    return (clock.mono() - began) / _VERIFIED


@contextmanager
def _inbox() -> Iterator[Inbox]:
    """The inbox of a real database in a temporary folder, its writers running."""
    with TemporaryDirectory() as folder:
        storage = open_storage(Path(folder), SystemClock(), _drop)
        stop = Event()
        threads = [
            PlainThreads().start(name, lambda run=worker.run: run(stop))  # type: ignore[misc]
            for name, worker in storage.workers()
        ]
        try:
            yield storage.inbox
        finally:
            stop.set()
            for thread in threads:
                thread.join(_STOP)


def _drop(*_: object) -> None:
    """Where published messages end."""
