"""Keys over a serial line: a pseudo terminal and a socket stand for the cable."""

import os
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo terminals", allow_module_level=True)

import tty

from embereye.config.schema import SerialPort
from embereye.ingest import enrolment_text
from embereye.ingest.serial_enrolment import SerialEnrolment
from embereye.ingest.serial_port import open_port
from embereye.model.errors import SerialEnrolmentError
from embereye.runtime.clock import SystemClock

_TEXT = enrolment_text.write("boiler-1", "ab12", bytes(range(32)))


class _Cable:
    """A pseudo terminal whose far end a device function plays."""

    def __init__(self, device: Callable[[int], None], *, pulled: bool = False) -> None:
        """`pulled`: the device closes its end itself."""
        self.far, near = os.openpty()
        tty.setraw(near)
        self.name = os.ttyname(near)
        self.near = near
        self._pulled = pulled
        self._thread = Thread(target=device, args=(self.far,))

    def __enter__(self) -> "_Cable":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(5.0)
        for end in (self.near,) if self._pulled else (self.near, self.far):
            os.close(end)


def _packet(far: int) -> bytes:
    heard = b""
    while not heard.endswith(b"!"):
        heard += os.read(far, 1024)
    return heard


def test_the_device_gets_the_text_and_its_answer_ends_the_wait() -> None:
    heard = []

    def device(far: int) -> None:
        heard.append(_packet(far))
        # In the middle of what it always sends, and in two pieces.
        os.write(far, b"#Sensor17:ADC1=5,ADC2=6!\r\n#key")
        os.write(far, b"ok:ab12!")

    with _Cable(device) as cable, closing(SerialEnrolment(cable.name, SystemClock())) as line:
        line.write(_TEXT)
    assert heard == [f"#key:{_TEXT}!".encode()]


@pytest.mark.parametrize("answer", [b"", b"#keyok:other!", b"#keyno:ab12!", b"\xff" * 9000])
def test_a_device_that_does_not_confirm_is_said_without_the_key(answer: bytes) -> None:
    def device(far: int) -> None:
        _packet(far)
        os.write(far, answer[:4000])

    with (
        _Cable(device) as cable,
        closing(SerialEnrolment(cable.name, SystemClock(), answer=0.3)) as line,
        pytest.raises(SerialEnrolmentError, match="did not confirm") as caught,
    ):
        line.write(_TEXT)
    assert bytes(range(32)).hex() not in str(caught.value)


def test_an_unplugged_port_is_said() -> None:
    def device(far: int) -> None:
        _packet(far)
        os.close(far)

    with (
        _Cable(device, pulled=True) as cable,
        closing(SerialEnrolment(cable.name, SystemClock())) as line,
        pytest.raises(SerialEnrolmentError, match="was lost"),
    ):
        line.write(_TEXT)


@pytest.mark.parametrize(
    "port", ["/dev/does-not-exist", "nonsense://x", "socket://127.0.0.1:1", ""]
)
def test_a_port_that_cannot_be_opened_is_said(port: str) -> None:
    with pytest.raises(SerialEnrolmentError, match="cannot be opened"):
        SerialEnrolment(port, SystemClock())


def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SerialEnrolmentError, match="cannot be opened"):
        SerialEnrolment(str(tmp_path / "file"), SystemClock())


def test_a_device_behind_a_network_adapter_takes_its_key_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def device() -> None:
            connection, _ = listener.accept()
            with connection:
                heard = b""
                while not heard.endswith(b"!"):
                    heard += connection.recv(1024)
                connection.sendall(b"#keyok:ab12!")
                connection.recv(1)  # until the other end has closed

        thread = Thread(target=device)
        thread.start()
        address = f"socket://127.0.0.1:{listener.getsockname()[1]}"
        with closing(SerialEnrolment(address, SystemClock())) as line:
            line.write(_TEXT)
        thread.join(5.0)


def test_a_port_that_the_console_listens_on_is_refused_and_the_reason_said() -> None:
    def device(_: int) -> None:
        return

    with _Cable(device) as cable, closing(open_port(SerialPort(id="line", port=cable.name))):
        refused = pytest.raises(SerialEnrolmentError, match="serial line of the console")
        with refused:
            SerialEnrolment(cable.name, SystemClock())
