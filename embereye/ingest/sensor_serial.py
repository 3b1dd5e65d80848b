"""Sensor devices on serial lines: one worker for each port, the same session logic as over TCP."""

import logging
from threading import Event

import serial

from embereye.config.schema import Sensors, SerialPort
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.serial_port import explain_loss, open_port
from embereye.ingest.serial_wire import PIECE, SerialWire
from embereye.model.errors import SourceError
from embereye.model.messages import WorkerFailed
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor

_log = logging.getLogger(__name__)

_BACKOFF = (
    0.5,
    1.0,
    2.0,
    4.0,
    5.0,
)  # s before the port is tried again; the last repeats
_PATIENCE = 2  # failed tries before an alarm: after a change of settings the port is free soon
_HOLD = 0.05  # s until bytes that could not be handed over are offered again


class SerialLines:
    """Opens and closes serial lines as the settings say. Composing thread, or the engine's."""

    def __init__(self, server: SensorServer, engine: Engine, supervisor: Supervisor) -> None:
        self._server = server
        self._engine = engine
        self._supervisor = supervisor
        self._open: dict[str, SerialPort] = {}

    def apply(self, section: Sensors) -> None:
        """Use these lines; those that did not change go on undisturbed. Returns at once."""
        rows = section.serial if section.enabled else ()
        wanted = {row.id: row for row in rows if row.enabled}
        for name in [n for n, row in self._open.items() if wanted.get(n) != row]:
            del self._open[name]
            self._supervisor.dismiss(worker_name(name))
        for name, row in wanted.items():
            if name not in self._open:
                self._open[name] = row
                worker = SerialWorker(self._server, self._engine, row)
                self._supervisor.start(worker_name(name), worker)


def worker_name(line: str) -> str:
    """Of the worker of a line, as faults name it."""
    return f"serial line {line}"


class SerialWorker:
    """Reads and writes one port until told to stop; opens it again when it is lost."""

    def __init__(self, server: SensorServer, engine: Engine, settings: SerialPort) -> None:
        self._server = server
        self._engine = engine
        self._settings = settings
        self._name = worker_name(settings.id)
        self._fault = ""
        self._tries = 0

    def run(self, stop: Event) -> None:
        """Serve the line until `stop` is set; return within 1 s of that.

        A network port that does not answer takes up to 5 s.
        """
        while not stop.is_set():
            try:
                port = open_port(self._settings)
            except SourceError as error:
                self._failed(str(error), at_once=False)
            else:
                with port:
                    if self._serve(port, stop):
                        self._tries = 0
            stop.wait(_BACKOFF[min(self._tries, len(_BACKOFF) - 1)])
            self._tries += 1
        if self._fault:
            self._tell(f"The serial line {self._settings.id} is not used any more.", recovered=True)

    def _serve(self, port: serial.SerialBase, stop: Event) -> bool:
        """Carry bytes until the line breaks or must stop; False when its peer was cut off."""
        wire = SerialWire(self._server, self._server.call_soon, self._settings.id)
        if not wire.start():
            return True  # the listener is about to start
        self._works(f"The serial line {self._settings.id} is open on {self._settings.port}.")
        try:
            self._carry(port, wire, stop)
        except OSError as error:  # SerialException is one
            reason = explain_loss(self._settings.port, error)
            wire.end(reason)
            self._failed(reason, at_once=True)
            return True
        cut_off = bool(wire.over)
        wire.end("the line was closed here")
        return not cut_off

    def _carry(self, port: serial.SerialBase, wire: SerialWire, stop: Event) -> None:
        waiting = b""
        while not stop.is_set() and not wire.over:
            for command in wire.outgoing():
                port.write(command)
            waiting = waiting or port.read(PIECE)
            if not waiting:
                continue
            if wire.hand(waiting):
                waiting = b""
            else:
                stop.wait(_HOLD)  # the kernel keeps what comes; when it is full, packets are cut

    def _works(self, text: str) -> None:
        if self._fault:
            self._tell(text, recovered=True)
        else:
            _log.info("%s", text)

    def _failed(self, text: str, *, at_once: bool) -> None:
        if text != self._fault and (at_once or self._tries + 1 >= _PATIENCE):
            self._tell(text, recovered=False)

    def _tell(self, text: str, *, recovered: bool) -> None:
        self._fault = "" if recovered else text
        if recovered:
            _log.info("%s", text)
        else:
            _log.error("%s", text)
        at = self._engine.clock.now()
        self._engine.post(WorkerFailed(self._name, text, recovered=recovered, at=at))
