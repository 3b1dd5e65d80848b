"""Opening a serial port, and what to do when that fails, in words."""

import errno
import os
from typing import Any

import serial

from embereye.config.schema import SerialPort
from embereye.model.errors import SourceError

READ = 0.05  # s that one read lasts at most; a stop, a command and an unplugged cable are seen soon
_WRITE = 1.0  # s; a command has 10 bytes, so a line that takes no more is broken
_SCHEMES = ("rfc2217://", "socket://")  # the others of pyserial log to files, loop back, or search
_HOW = "write COM3, /dev/ttyUSB0, rfc2217://host:port or socket://host:port (sensors.serial)"


def open_port(settings: SerialPort) -> serial.SerialBase:
    """The open port, 8N1, for this process alone; SourceError says what to do.

    A network port that does not answer takes up to 5 s.
    """
    name = settings.port
    if "://" in name and not name.lower().startswith(_SCHEMES):
        raise SourceError(f"{name} is no serial port that is known: {_HOW}.")
    # Network ports of pyserial know neither option; they have time-outs of their own.
    local: dict[str, Any] = {} if "://" in name else {"write_timeout": _WRITE, "exclusive": True}
    try:
        return serial.serial_for_url(name, baudrate=settings.baud, timeout=READ, **local)
    except (ValueError, TypeError) as error:
        raise SourceError(
            f"{name} at {settings.baud} bit/s is refused ({error}): {_HOW}."
        ) from None
    except OSError as error:  # SerialException is one
        raise SourceError(_explain(name, error)) from error


def explain_loss(name: str, error: Exception) -> str:
    """What an operator is to do about a port that was open and is gone."""
    if "://" in name:
        return (
            f"The connection to the serial port {name} broke ({error}). Check the network and the"
            " serial server; it is tried again by itself."
        )
    return (
        f"The serial port {name} was lost ({error}). Plug the cable or the adapter in again; it is"
        " used again by itself."
    )


def _explain(name: str, error: OSError) -> str:
    code = error.errno
    if "://" in name:
        return (
            f"The serial port {name} cannot be reached ({error}). Check the network, the address"
            " and the serial server; it is tried again by itself."
        )
    if code in (errno.EBUSY, errno.EAGAIN) or (code == errno.EACCES and os.name == "nt"):
        return f"The serial port {name} is in use by another program. Close that program."
    if code == errno.EACCES:
        return (
            f"The serial port {name} may not be used by this user. Add the user to the group that"
            " owns the port (often dialout or uucp) and log in again."
        )
    if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return (
            f"The serial port {name} is not there. Plug the adapter in, or choose another port in"
            " the settings (sensors.serial)."
        )
    return f"The serial port {name} cannot be opened: {error}. Check the port and its adapter."
