"""USB cameras: what can be said without one."""

import numpy as np
import pytest
from fakes import FakeClock

from embereye.ingest.source import Kind, Source
from embereye.ingest.usb import BgrPicture, UsbSource
from embereye.model.errors import CameraUnreachable


def test_a_camera_that_is_not_there_says_what_to_do(
    clock: FakeClock, capfd: pytest.CaptureFixture[str]
) -> None:
    source = UsbSource(Source(Kind.USB, "63"), clock)
    with pytest.raises(CameraUnreachable, match="Plug it in"):
        source.open()
    source.close()


def test_reading_a_closed_camera_is_an_error_in_words(clock: FakeClock) -> None:
    with pytest.raises(CameraUnreachable, match="not open"):
        UsbSource(Source(Kind.USB, "0"), clock).read(0.1)


def test_its_pictures_are_scaled_for_tiles_and_detection() -> None:
    picture = BgrPicture(np.full((48, 64, 3), (10, 20, 30), dtype=np.uint8), 1.0)
    assert picture.bgr(32, 24).shape == (24, 32, 3)
    assert picture.bgra(32, 24)[0, 0, :3].tolist() == [10, 20, 30]
