"""Temperatures agree with the vendor's results and are never nonsense."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration, chess_page
from embereye.rules.radiometry import CEILING_CELSIUS, FLOOR_CELSIUS, celsius
from embereye.rules.radiometry_inverse import raw_words

Words = NDArray[np.uint16]
ROOM = np.full((24, 32), 25.0)


def stack(seed: int = 1, outliers: tuple[int, ...] = ()) -> CalibrationStack:
    return CalibrationStack.of(Calibration.from_words(simulated_eeprom(seed, outliers)))


def hex_words(text: str) -> Words:
    return np.frombuffer(bytes.fromhex(text), dtype=">u2").astype(np.uint16)


def numbers(path: Path) -> list[list[float]]:
    lines = path.read_text().split()
    return [[float(value) for value in line.strip(",").split(",")] for line in lines]


@pytest.fixture
def recorded(shared_data: Path) -> Path:
    folder = shared_data / "mlx90640"
    if not folder.is_dir():
        pytest.skip("no recorded sensor beside the repository")
    return folder


def test_a_recorded_device_agrees_with_the_vendors_library(recorded: Path) -> None:
    calibration = Calibration.from_words(hex_words((recorded / "eeprom.hex").read_text()))
    frames = np.array([hex_words(line) for line in (recorded / "frames.hex").read_text().split()])
    golden = np.load(recorded / "golden_emissivity095.npz")

    result = celsius(frames, CalibrationStack.of(calibration))

    assert result.valid.all()
    assert np.abs(result.celsius - golden["to_celsius"]).max() < 0.002
    assert np.abs(result.vdd - golden["vdd_volt"]).max() < 0.001
    assert np.abs(result.ta - golden["ta_celsius"]).max() < 0.001


def test_the_vendors_example_agrees_with_its_spreadsheet(recorded: Path) -> None:
    example = recorded / "melexis_example"
    eeprom = np.array(numbers(example / "eeprom_832.csv")).astype(np.uint16).reshape(-1)
    frames = np.array(numbers(example / "frames_834.csv")).astype(np.uint16)
    golden = np.array(numbers(example / "golden_to_spreadsheet.csv")).reshape(24, 32)

    result = celsius(frames, CalibrationStack.of(Calibration.from_words(eeprom)), emissivity=1.0)

    merged = np.where(chess_page().reshape(24, 32), result.celsius[1], result.celsius[0])
    assert np.abs(merged - golden).max() < 0.002
    assert result.vdd == pytest.approx([3.30437, 3.29250], abs=1e-4)
    assert result.ta == pytest.approx([33.88238, 33.98956], abs=1e-4)


def test_frames_of_several_devices_come_out_as_if_computed_alone() -> None:
    stacks = [stack(seed) for seed in range(40)]  # more than one chunk
    frames = np.array([raw_words(ROOM + i, one, ta=20.0 + i) for i, one in enumerate(stacks)])
    emissivity = np.linspace(0.5, 1.0, 40)

    together = celsius(frames, CalibrationStack.join(stacks), emissivity)

    for index, one in enumerate(stacks):
        alone = celsius(frames[index : index + 1], one, emissivity[index : index + 1])
        assert np.allclose(together.celsius[index], alone.celsius[0], atol=1e-3)
        assert together.ta[index] == alone.ta[0]


def test_reflected_heat_and_emissivity_are_taken_into_account() -> None:
    frame = raw_words(np.full((24, 32), 80.0), stack(), emissivity=0.6)[None]
    around = celsius(frame, stack(), 0.6, np.array([24.0]))  # 8 K below the sensor's 32 °C

    assert np.abs(around.celsius - 80.0).max() < 0.2
    assert celsius(frame, stack(), 0.95).celsius.max() < 66.0


@pytest.mark.parametrize(
    ("word", "value"),
    [(810, 1), (810, 0x7FFF), (800, 0), (800, 1), (768, 0x8000), (778, 0), (778, 1), (778, 0xFFFF)],
)
def test_a_frame_with_implausible_conditions_is_refused(word: int, value: int) -> None:
    frames = np.array([raw_words(ROOM, stack())] * 2)
    frames[0, word] = value

    result = celsius(frames, stack())

    assert result.valid.tolist() == [False, True]
    assert np.isnan(result.celsius[0]).all()
    assert np.abs(result.celsius[1] - 25.0).max() < 0.1


def test_a_subpage_that_was_never_measured_refuses_the_frame() -> None:
    frame = raw_words(ROOM, stack())
    frame[:768][chess_page()] = 0x7FFF

    assert not celsius(frame[None], stack()).valid[0]


def test_a_saturated_cell_stays_the_hottest() -> None:
    frame = raw_words(ROOM, stack())
    frame[100] = 0x7FFF

    cells = celsius(frame[None], stack()).celsius.reshape(768)

    assert int(np.nanargmax(cells)) == 100
    assert 450 < cells[100] <= CEILING_CELSIUS


def test_a_saturated_cell_stays_the_hottest_where_the_formulas_end() -> None:
    words = simulated_eeprom(1)
    words[61:64] = 0xC010, 0x8080, 0x2667  # sensitivity falls so steeply that it ends at 500 °C
    steep = CalibrationStack.of(Calibration.from_words(words))
    frame = raw_words(ROOM, steep)
    frame[100] = 0x7FFF

    cells = celsius(frame[None], steep).celsius.reshape(768)

    assert int(np.nanargmax(cells)) == 100
    assert cells[100] > 450


def test_more_signal_is_never_colder() -> None:
    frames = np.array([raw_words(ROOM, stack())] * 400)
    frames[:, 400] = np.linspace(-100, 0x7FFF, 400).astype(np.int16).view(np.uint16)

    course = celsius(frames, stack()).celsius.reshape(-1, 768)[:, 400]

    assert (np.diff(course) > 0).all()


@pytest.mark.parametrize("scene", [-30.0, 25.0, 300.0])
def test_a_cell_colder_than_possible_is_flagged_and_changes_no_other(scene: float) -> None:
    frame = raw_words(np.full((24, 32), scene), stack())
    frame[100] = 0x8000

    cells = celsius(frame[None], stack()).celsius.reshape(768)

    assert np.isnan(cells[100])
    assert np.abs(np.delete(cells, 100) - scene).max() < 0.2


def test_outliers_are_repaired_from_their_diagonal_neighbours() -> None:
    outliers = (0, 31, 400, 767)
    frame = raw_words(ROOM, stack(1))
    frame[list(outliers)] = 5000
    one = stack(1, outliers)

    alone = celsius(frame[None], one).celsius
    several = celsius(np.array([frame, frame]), CalibrationStack.join([stack(1), one])).celsius

    assert np.abs(alone - 25.0).max() < 0.1
    assert np.abs(several[1] - 25.0).max() < 0.1
    assert several[0].max() > 200.0


@settings(deadline=None, max_examples=60)
@given(arrays(np.uint16, (3, 834)), st.floats(0.1, 1.0), st.floats(-50, 500))
def test_hostile_words_give_temperatures_or_flags(
    frames: Words, emissivity: float, reflected: float
) -> None:
    frames[1:, 768:] = raw_words(ROOM, stack())[768:]  # these two pass as real frames

    result = celsius(frames, stack(), emissivity, np.full(3, reflected))

    usable = result.celsius[~np.isnan(result.celsius)]
    assert ((usable >= FLOOR_CELSIUS) & (usable <= CEILING_CELSIUS)).all()
    assert np.isnan(result.celsius[~result.valid]).all()
