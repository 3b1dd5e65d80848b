"""Thermal frames: the encoding is found, and no temperature is ever guessed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from embereye.config.schema import Device
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.identity import Binding
from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.ingest.simulate_thermal import SimulatedImager, centi27_words, room_with_spot
from embereye.ingest.thermal_decode import (
    RefusedFrame,
    ThermalDecoder,
    ThermalPacket,
    decode_batch,
)
from embereye.ingest.thermal_words import words_to_hex
from embereye.model.errors import CalibrationError, ConfigError
from embereye.model.ids import DeviceId
from embereye.model.reading import Profile, ThermalFrame
from embereye.model.stamp import Stamp

AT = Stamp(1.0, 2.0)
DEVICE = DeviceId("d1")
SCENE = room_with_spot(25.0, 180.0, 10, 20, 2.0)


def imager_words(seed: int = 1) -> bytes:
    return simulated_eeprom(seed).astype(">u2").tobytes()


def real_frame(seed: int = 1) -> str:
    return words_to_hex(SimulatedImager(seed).frame(SCENE))


def centi_frame() -> str:
    return words_to_hex(centi27_words(SCENE, np.random.default_rng(5)))


def short_frame() -> str:
    return "00F0" * 768


def decoded(decoder: ThermalDecoder, payload: bytes | str) -> ThermalFrame:
    frame = decoder.decode(payload, AT)
    assert isinstance(frame, ThermalFrame)
    return frame


def temperatures(frame: ThermalFrame) -> NDArray[np.float32]:
    assert frame.celsius is not None
    return frame.celsius


def test_a_real_frame_waits_for_its_calibration() -> None:
    decoder = ThermalDecoder(DEVICE)

    frame = decoded(decoder, real_frame())

    assert frame.profile is Profile.MLX90640
    assert frame.celsius is None
    assert frame.max_celsius is None
    assert frame.relative.shape == (24, 32)
    assert decoder.waiting_calibration


@pytest.mark.parametrize("payload", [real_frame(), short_frame()])
def test_a_frame_keeps_its_words_as_received(payload: str) -> None:
    frame = decoded(ThermalDecoder(DEVICE), payload)

    assert frame.words == bytes.fromhex(payload)


def test_a_real_frame_with_calibration_shows_the_scene() -> None:
    decoder = ThermalDecoder(DEVICE)
    decoder.calibrate(imager_words())

    frame = decoded(decoder, real_frame().lower().encode())

    assert not decoder.waiting_calibration
    assert np.abs(temperatures(frame) - SCENE).max() < 1.0  # noise of the simulated sensor
    assert frame.max_celsius == pytest.approx(SCENE.max(), abs=1.0)
    assert frame.hottest == (10, 20)
    assert frame.vdd_volt == pytest.approx(3.28, abs=0.01)
    assert frame.ta_celsius == pytest.approx(32.0, abs=0.1)
    assert (frame.device, frame.at) == (DEVICE, AT)


def test_centi27_values_of_the_protocol() -> None:
    words = centi_frame()
    frame = decoded(ThermalDecoder(DEVICE), "FFB614D0F574FF38" + words[16:])

    assert frame.profile is Profile.CENTI27
    assert temperatures(frame)[0, :4].tolist() == pytest.approx([26.26, 80.28, 0.0, 25.0], abs=1e-4)
    assert frame.vdd_volt is None


def test_a_wide_spot_heats_all_cells_around_its_hottest_one() -> None:
    scene = room_with_spot(25.0, 180.0, 10, 20, 5.0)
    words = centi27_words(scene, np.random.default_rng(5))
    frame = decoded(ThermalDecoder(DEVICE), words_to_hex(words))
    assert (frame.hottest, frame.agreeing) == ((10, 20), 8)


def test_centi27_ignores_a_calibration() -> None:
    plain, calibrated = ThermalDecoder(DEVICE), ThermalDecoder(DEVICE)
    calibrated.calibrate(imager_words())
    one, other = decoded(plain, centi_frame()), decoded(calibrated, centi_frame())
    assert np.array_equal(temperatures(one), temperatures(other))


def test_pixels_alone_have_no_temperature() -> None:
    frame = decoded(ThermalDecoder(DEVICE), short_frame())
    assert frame.profile is Profile.RAW
    assert frame.celsius is None
    assert (frame.relative == 240).all()


def test_words_with_spaces_have_no_temperature() -> None:
    frame = decoded(ThermalDecoder(DEVICE), " ".join(["fffe"] * 768))
    assert frame.profile is Profile.RAW
    assert (frame.relative == -2).all()


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "00",
        "0000" * 833,
        "0000" * 835,
        "G000" + "0000" * 833,
        "é" * 3336,
        "0 " * 768,
        "+001" * 834,
    ],
)
def test_text_that_is_no_frame_is_refused(payload: str) -> None:
    decoder = ThermalDecoder(DEVICE)
    assert isinstance(decoder.decode(payload, AT), RefusedFrame)
    assert decoder.profile is Profile.UNKNOWN


def test_pictures_are_read_only() -> None:
    frame = decoded(ThermalDecoder(DEVICE), centi_frame())
    for picture in (temperatures(frame), frame.relative):
        with pytest.raises(ValueError):
            picture[0, 0] = 0


def outcomes(decoder: ThermalDecoder, frame: Callable[[], str], times: int) -> list[bool]:
    return [isinstance(decoder.decode(frame(), AT), ThermalFrame) for _ in range(times)]


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [(centi_frame, real_frame, 2), (short_frame, centi_frame, 2), (real_frame, centi_frame, 9)],
)
def test_an_encoding_changes_only_when_several_frames_agree(
    before: Callable[[], str], after: Callable[[], str], refused: int
) -> None:
    decoder = ThermalDecoder(DEVICE)
    decoder.decode(before(), AT)
    assert outcomes(decoder, after, refused + 1) == [False] * refused + [True]


def test_odd_frames_now_and_then_do_not_change_the_encoding() -> None:
    decoder = ThermalDecoder(DEVICE)
    for _ in range(10):
        assert outcomes(decoder, centi_frame, 1) == [True]
        assert outcomes(decoder, real_frame, 2) == [False, False]
    assert decoder.profile is Profile.CENTI27


def test_frames_that_disagree_among_themselves_do_not_change_the_encoding() -> None:
    decoder = ThermalDecoder(DEVICE)
    decoder.decode(centi_frame(), AT)
    for _ in range(5):
        assert outcomes(decoder, real_frame, 1) + outcomes(decoder, short_frame, 1) == [False] * 2


def test_the_operators_choice_wins_over_the_signature() -> None:
    decoder = ThermalDecoder(DEVICE, Profile.RAW)
    assert decoded(decoder, centi_frame()).celsius is None
    decoder.choose(Profile.CENTI27)
    assert decoded(decoder, short_frame()).max_celsius == pytest.approx(29.4)
    decoder.choose(Profile.MLX90640)
    assert decoded(decoder, centi_frame()).celsius is None
    assert outcomes(decoder, short_frame, 5) == [False] * 5
    decoder.choose(Profile.UNKNOWN)
    assert decoded(decoder, short_frame()).profile is Profile.RAW


def test_a_chosen_mlx90640_refuses_implausible_frames() -> None:
    decoder = ThermalDecoder(DEVICE, Profile.MLX90640)
    decoder.calibrate(imager_words())
    result = decoder.decode(words_to_hex(np.full(834, 1, np.uint16)), AT)
    assert isinstance(result, RefusedFrame)
    assert "implausible" in result.reason


def test_a_frame_of_holes_is_refused() -> None:
    words = centi27_words(SCENE, np.random.default_rng(5))
    words[:400] = 0x8000  # -300 °C
    assert isinstance(ThermalDecoder(DEVICE).decode(words_to_hex(words), AT), RefusedFrame)


def test_a_wrong_calibration_keeps_the_present_one() -> None:
    decoder = ThermalDecoder(DEVICE)
    decoder.calibrate(imager_words())
    with pytest.raises(CalibrationError):
        decoder.calibrate(b"\0" * 1664)
    assert decoder.calibration == imager_words()


@pytest.mark.parametrize("emissivity", [0.0, 0.09, 1.01, float("nan")])
def test_an_impossible_emissivity_is_refused(emissivity: float) -> None:
    with pytest.raises(ConfigError):
        ThermalDecoder(DEVICE, emissivity=emissivity)


def test_a_lower_emissivity_means_a_hotter_object() -> None:
    shiny, black = ThermalDecoder(DEVICE, emissivity=0.5), ThermalDecoder(DEVICE, emissivity=1.0)
    for decoder in (shiny, black):
        decoder.calibrate(imager_words())
    hot, cool = decoded(shiny, real_frame()), decoded(black, real_frame())
    assert temperatures(hot).max() > temperatures(cool).max() + 40


def test_a_batch_of_many_devices_keeps_their_order_and_state_apart() -> None:
    decoders = [ThermalDecoder(DeviceId(f"d{seed}")) for seed in range(5)]
    for seed in (0, 1):
        decoders[seed].calibrate(imager_words(seed))
    payloads = [real_frame(0), real_frame(1), real_frame(2), centi_frame(), "nonsense"]

    results = decode_batch(
        [ThermalPacket(d, p, AT) for d, p in zip(decoders, payloads, strict=True)]
    )

    assert [result.device for result in results] == [f"d{seed}" for seed in range(5)]
    frames = [result for result in results if isinstance(result, ThermalFrame)]
    assert len(frames) == 4
    assert [frame.celsius is None for frame in frames] == [False, False, True, False]
    for frame in (frames[0], frames[1], frames[3]):
        assert np.abs(temperatures(frame) - SCENE).max() < 1.0


def test_an_empty_batch_is_empty() -> None:
    assert decode_batch([]) == []


def test_a_recorded_device_agrees_with_the_golden_temperatures(shared_data: Path) -> None:
    folder = shared_data / "mlx90640"
    if not folder.is_dir():
        pytest.skip("no recorded sensor beside the repository")
    decoder = ThermalDecoder(DEVICE)
    decoder.calibrate(bytes.fromhex((folder / "eeprom.hex").read_text()))
    lines = (folder / "frames.hex").read_text().split()
    golden = np.load(folder / "golden_emissivity095.npz")["to_celsius"]

    results = decode_batch([ThermalPacket(decoder, line, AT) for line in lines])

    for result, expected in zip(results, golden, strict=True):
        assert isinstance(result, ThermalFrame)
        assert np.abs(temperatures(result) - expected).max() < 0.02
        assert result.max_celsius == pytest.approx(expected.max(), abs=0.02)
        assert result.mean_celsius == pytest.approx(expected.mean(), abs=0.02)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=4096) | st.text(max_size=4096), st.sampled_from(list(Profile)))
def test_any_payload_gives_a_result(payload: bytes | str, profile: Profile) -> None:
    assert ThermalDecoder(DEVICE, profile).decode(payload, AT).device == DEVICE


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=1668, max_size=1668), st.sampled_from(list(Profile)))
def test_any_words_give_finite_facts(words: bytes, profile: Profile) -> None:
    decoder = ThermalDecoder(DEVICE, profile)
    decoder.calibrate(imager_words())
    result = decoder.decode(words.hex(), AT)
    if isinstance(result, ThermalFrame) and result.celsius is not None:
        facts = (result.max_celsius, result.min_celsius, result.mean_celsius)
        assert all(fact is not None and -101 < fact < 1001 for fact in facts)


def test_a_frame_says_what_it_was_computed_with() -> None:
    decoder = ThermalDecoder(DEVICE, emissivity=0.8, reflected=15.0)
    sent = decoded(decoder, centi_frame())
    assert sent.optics is not None
    assert (sent.optics.emissivity, sent.optics.reflected, sent.optics.course) == (0.8, 15.0, None)


def test_the_settings_of_a_device_reach_its_decoder() -> None:
    states = DeviceStates()
    states.apply([Device(id="d1", name="Head", emissivity=0.8, reflected=15.0)])
    state = states.state(Binding(DEVICE, True))
    assert state is not None
    assert (state.decoder.emissivity, state.decoder.reflected) == (0.8, 15.0)
