"""Whether a camera may use a decoder chip, on a machine without one and with ones that fail."""

from typing import Any

import av
import pytest
from av.codec.hwaccel import hwdevices_available
from fakes import FakeClock

from embereye.ingest import hardware
from embereye.ingest.hardware import Chip, ChipAbsent, CodecUnknown, open_chip

_KINDS = ("vaapi", "cuda", "d3d11va", "videotoolbox")


def _absent() -> list[str]:
    return sorted(set(_KINDS) - set(hardware.offered()))


def _works(kind: str, codec: str) -> Any:
    return av.CodecContext.create(codec, "r")


def test_off_asks_no_driver(clock: FakeClock) -> None:
    asked: list[str] = []
    chip = Chip("off", clock, create=lambda kind, codec: asked.append(kind))
    assert chip.open("h264") is None
    assert (chip.note, asked) == ("", [])


@pytest.mark.parametrize("kind", _absent())
def test_a_kind_that_this_machine_lacks_is_said(kind: str, clock: FakeClock) -> None:
    chip = Chip(kind, clock)
    assert chip.open("h264") is None
    assert chip.note == f"software; no {kind}"


def test_a_kind_that_libav_lacks_is_no_other_kind() -> None:
    for kind in set(_KINDS) - set(hwdevices_available()):
        with pytest.raises(ChipAbsent):
            open_chip(kind, "h264")


@pytest.mark.skipif("cuda" not in hwdevices_available(), reason="libav without cuda")
def test_a_codec_that_no_chip_decodes_is_said(clock: FakeClock) -> None:
    with pytest.raises((CodecUnknown, ChipAbsent)):
        open_chip("cuda", "png")


@pytest.mark.skipif(bool(hardware.offered()), reason="this machine has a decoder chip")
def test_auto_without_any_chip_decodes_in_software(clock: FakeClock) -> None:
    chip = Chip("auto", clock)
    assert chip.open("h264") is None
    assert chip.note == "software; no chip"


def test_auto_takes_the_first_kind_that_opens(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware.sys, "platform", "linux")

    def create(kind: str, codec: str) -> Any:
        if kind == "cuda":
            raise ChipAbsent
        return _works(kind, codec)

    chip = Chip("auto", clock, create=create)
    assert chip.open("h264") is not None
    assert chip.note == "vaapi"


def test_a_chip_that_failed_is_left_alone_for_ten_minutes(clock: FakeClock) -> None:
    chip = Chip("cuda", clock, create=_works)
    chip.open("h264")
    chip.failed("test")
    assert chip.open("h264") is None
    assert chip.note == "software; cuda failed"
    clock.advance(599)
    assert not chip.rested
    assert chip.open("h264") is None
    clock.advance(2)
    assert chip.rested
    assert chip.open("h264") is not None
    assert chip.note == "cuda"


def test_a_chip_that_fails_again_rests_twice_as_long_and_a_day_at_most(clock: FakeClock) -> None:
    chip = Chip("cuda", clock, create=_works)
    rests = []
    for _ in range(12):
        assert chip.open("h264") is not None
        chip.failed("test")
        begin = clock.mono()
        while not chip.rested:
            clock.advance(600)
        rests.append(clock.mono() - begin)
    assert rests[:3] == [600, 1200, 2400]
    assert rests[-1] == 86_400


def test_a_chip_that_never_came_back_from_a_call_is_not_used_again(clock: FakeClock) -> None:
    chip = Chip("cuda", clock, create=_works)
    chip.open("h264")
    abandoned = chip.at_work()
    abandoned.__enter__()  # the reader hangs here and is left behind
    assert chip.open("h264") is None
    assert chip.note == "software; cuda failed"


def test_a_late_return_from_a_hung_call_changes_nothing(clock: FakeClock) -> None:
    chip = Chip("cuda", clock, create=_works)
    abandoned = chip.at_work()
    abandoned.__enter__()
    assert chip.open("h264") is None
    abandoned.__exit__(None, None, None)
    assert chip.open("h264") is None


def test_a_driver_that_hangs_while_it_is_opened_is_not_used_again(clock: FakeClock) -> None:
    class Left(BaseException):
        """The reader is left behind here: nothing behind the call is ever run."""

    chip = Chip("cuda", clock)

    def hangs(kind: str, codec: str) -> Any:
        assert chip._working is not None
        raise Left

    chip._create = hangs
    with pytest.raises(Left):
        chip.open("h264")
