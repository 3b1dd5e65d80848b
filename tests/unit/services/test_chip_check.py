"""The self-test tells which video a chip decodes."""

import os
from multiprocessing.connection import Connection

import pytest

from embereye.services import chip_check
from embereye.services.self_test import Outcome, perform


def _dies(pipe: Connection) -> None:
    os._exit(139)  # as after a segmentation fault of a driver


def test_every_codec_is_told_or_that_software_does_it() -> None:
    (item,) = perform([chip_check.chip_check()], strict=True)
    assert item.outcome is Outcome.OK
    assert item.text.startswith(("in software", "h264: ", "hevc: "))


def test_a_driver_that_crashes_is_a_warning_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chip_check, "_report", _dies)
    (item,) = perform([chip_check.chip_check()], strict=False)
    assert item.outcome is Outcome.WARNING
    assert "driver of the graphics card" in item.text
