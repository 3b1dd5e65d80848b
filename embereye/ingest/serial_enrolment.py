"""Writes a key into a device over a serial line.

The form is this project's own, with the delimiters of the sensor protocol so that a device needs
no second parser; nothing else uses it:

    EmberEye → device   #key:<enrolment text>!      the text of `ingest.enrolment_text`
    device → EmberEye   #keyok:<kid>!               once the key is stored

Anything else that the device sends meanwhile (frames, readings) is passed over. A device that
already has a key should only take another one after a local action of the technician.
"""

import logging
import os
from threading import Event
from typing import Any

import serial
from serial.tools import list_ports

from embereye.ingest import enrolment_text
from embereye.model.errors import SerialEnrolmentError
from embereye.runtime.clock import Clock

try:
    from termios import error as termios_error  # no OSError; an unplugged line raises it
except ImportError:  # Windows
    termios_error = OSError  # type: ignore[misc, assignment]

_log = logging.getLogger(__name__)

_ANSWER = 5.0  # s; a microcontroller writes a flash page in some 0.1 s, and may be in a frame burst
_READ = 0.2  # s a single read may take
_WRITE = 2.0  # s; 160 bytes take 0.17 s at 9600 baud
_LARGEST = 4096  # bytes; the longest packet of the protocol
_LOST = (serial.SerialException, OSError, termios_error)

BAUD = 115_200  # bit/s, as the settings' default for serial sensor lines


class SerialEnrolment:
    """An open serial line. One thread; `close` it.

    Open it before the key is made: a wrong port then costs no key.
    """

    def __init__(self, port: str, clock: Clock, baud: int = BAUD, answer: float = _ANSWER) -> None:
        """Open `port` ("COM3", "/dev/ttyUSB0", "rfc2217://…", "socket://…").

        Raises:
            SerialEnrolmentError: It cannot be opened; the text says why.
        """
        self._port = port
        self._clock = clock
        self._wait = answer
        # Alone: another reader, the console's own serial line too, would take the answer away.
        local: dict[str, Any] = {} if "://" in port else {"exclusive": True}
        try:
            self._line = serial.serial_for_url(
                port, baudrate=baud, timeout=_READ, write_timeout=_WRITE, **local
            )
        except (*_LOST, ValueError) as error:
            raise SerialEnrolmentError(
                f"The serial port {port} cannot be opened ({_reason(error)}). Check the cable, the"
                " name of the port, and that no other program uses it; a serial line of the console"
                " must be switched off for the moment (sensors.serial, enabled)."
            ) from None

    def write(self, text: str, stop: Event | None = None) -> None:
        """Write an enrolment text and wait up to 5 s until the device has stored the key.

        `stop` ends the wait sooner, as if nothing had come.

        Raises:
            SerialEnrolmentError: The port was unplugged, or the device did not confirm.
        """
        kid = enrolment_text.read(text).kid
        try:
            self._line.reset_input_buffer()
            self._line.write(f"#key:{text}!".encode())
            confirmed = self._confirmed(b"#keyok:%s!" % kid.encode(), stop)
        except _LOST as error:
            raise SerialEnrolmentError(
                f"The serial port {self._port} was lost while the key was written"
                f" ({_reason(error)}). Plug it in again and write the key again."
            ) from None
        if not confirmed:
            raise SerialEnrolmentError(
                f"The device on {self._port} did not confirm the key within {self._wait:g} s. Check"
                " that it is in its enrolment mode and at the right speed, and write the key again."
            )

    def close(self) -> None:
        """Give the port back."""
        try:
            self._line.close()
        except _LOST as error:
            _log.debug("closing %s: %s", self._port, _reason(error))

    def _confirmed(self, wanted: bytes, stop: Event | None) -> bool:
        end, heard = self._clock.mono() + self._wait, b""
        while self._clock.mono() < end and not (stop is not None and stop.is_set()):
            heard = (heard + self._line.read(max(1, self._line.in_waiting)))[-_LARGEST:]
            if wanted in heard:
                return True
        return False


def serial_ports() -> tuple[str, ...]:
    """Names of the serial ports of this machine; may take some 100 ms."""
    return tuple(sorted(port.device for port in list_ports.comports()))


def _reason(error: Exception) -> str:
    """In words, without the port again; never what was written."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error) or type(error).__name__
