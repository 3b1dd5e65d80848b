"""Verdicts come back as the rules saw them; damage is told, never a crash."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_parts import AT, opened, running

from embereye.model.detection import Detection, DetectionResult
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.verdict_codec import MOST_LOOKS, VerdictRun, decode, encode
from embereye.storage.verdicts import RecordedInput, newest_of, read_inputs, read_verdicts

CAM = CameraId("cam1")
_SCORES = st.floats(width=64, allow_nan=False)
_OBJECTS = st.builds(Detection, st.sampled_from(["fire", "person", "Ünïcode"]), *[_SCORES] * 5)


def look(after: float = 0.0, lag: float = 0.2, **changes) -> DetectionResult:
    at = AT.later(after)
    values = {"detections": (), "fire": 0.0, "smoke": 0.0, "moving": False, "detector": "rules 1"}
    return DetectionResult(
        camera=CAM,
        frame_seq=0,
        frame_at=at.later(-lag),
        at=at,
        seconds=0.0,
        **{**values, **changes},
    )


@st.composite
def looks(draw) -> list[DetectionResult]:
    steps = draw(st.lists(st.integers(-5_000_000, 40_000_000), min_size=1, max_size=30))
    results, passed = [], 0
    for step in steps:
        passed += step
        results.append(
            look(
                passed / 1e6,
                draw(st.integers(0, 10_000_000)) / 1e6,
                detections=tuple(draw(st.lists(_OBJECTS, max_size=4))),
                fire=draw(_SCORES),
                smoke=draw(_SCORES),
                moving=draw(st.booleans()),
                cached=draw(st.booleans()),
                source=draw(st.sampled_from([(0, 0), (1280, 720), (65535, 2)])),
            )
        )
    return results


@given(looks())
@settings(deadline=None, max_examples=60)
def test_every_number_comes_back_bit_for_bit_and_moments_to_the_microsecond(results):
    back = decode(CAM, results[0].at.utc, encode(results))
    for before, after in zip(results, back, strict=True):
        assert after.at.utc == pytest.approx(before.at.utc, abs=2e-6)
        lag = before.at.utc - before.frame_at.utc
        assert after.at.mono - after.frame_at.mono == pytest.approx(lag, abs=2e-6)
        same = replace(before, at=after.at, frame_at=after.frame_at)
        assert after == same


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=60)
def test_rubbish_is_told(blob):
    with pytest.raises(StorageError, match="damaged"):
        decode(CAM, 0.0, blob)


@given(st.integers(0, 200), st.integers(1, 255))
@settings(deadline=None, max_examples=60)
def test_a_damaged_blob_is_told_or_still_verdicts(place, change):
    found = Detection("person", 0.5, 1.0, 2.0, 3.0, 4.0)
    blob = bytearray(encode([look(n / 8, fire=n / 7, detections=(found,)) for n in range(20)]))
    blob[place % len(blob)] ^= change
    results, told = [], ""
    try:
        results = decode(CAM, AT.utc, bytes(blob))
    except StorageError as error:
        told = str(error)
    assert results or "camera cam1 are damaged" in told


@pytest.mark.parametrize("count", [0, MOST_LOOKS + 1])
def test_a_run_has_a_size(count):
    with pytest.raises(ValueError, match=str(count)):
        encode([look()] * count)


def test_a_quiet_look_costs_about_ten_bytes():
    blob = encode([look(n / 8 + (n * 37 % 101) / 9000, fire=0.0) for n in range(240)])
    assert len(blob) / 240 < 10


def test_what_is_stored_is_read_by_its_time(tmp_path):
    storage = opened(tmp_path)
    with running(storage.telemetry):
        storage.verdicts.save_run(VerdictRun(CAM, tuple(look(n) for n in range(10))))
        inputs = [RecordedInput(AT.utc + n, "mode", f'"{n}"') for n in range(4)]
        storage.verdicts.save_inputs(inputs)
    path = tmp_path / TELEMETRY_FILE
    found = read_verdicts(path, AT.utc + 3, AT.utc + 7)
    assert [round(one.at.utc - AT.utc) for one in found] == [3, 4, 5, 6]
    assert read_inputs(path, AT.utc + 1, AT.utc + 3) == inputs[1:3]
    assert newest_of(path, "mode", AT.utc + 2.5) == AT.utc + 2
    assert newest_of(path, "fault", AT.utc + 2.5) is None


def test_old_rows_are_removed(tmp_path):
    storage = opened(tmp_path)
    with running(storage.telemetry):
        for n in range(3):
            storage.verdicts.save_run(VerdictRun(CAM, (look(100.0 * n),)))
            storage.verdicts.save_inputs([RecordedInput(AT.utc + 100.0 * n, "mode", "1")])
        storage.verdicts.prune(AT.utc + 150.0)
    path = tmp_path / TELEMETRY_FILE
    assert len(read_verdicts(path, 0.0, 1e12)) == 1
    assert len(read_inputs(path, 0.0, 1e12)) == 1
