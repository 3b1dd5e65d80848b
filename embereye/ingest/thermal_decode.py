"""From the text of `#frame` packets to temperatures, for many devices at once.

Three encodings circulate (sensor protocol, section 2); which one a device uses is found by the
signature of its frames or set by the operator. Everything here belongs to the sensor thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.ingest.thermal_words import FULL_BYTES, are_mlx90640, frame_bytes, padded_words
from embereye.model.errors import ConfigError
from embereye.model.ids import DeviceId
from embereye.model.reading import COLUMNS, PIXELS, ROWS, Profile, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.model.thermal import Optics
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration
from embereye.rules.radiometry import (
    DEFAULT_EMISSIVITY,
    FLOOR_CELSIUS,
    REFLECTED_BELOW_TA,
    celsius,
)
from embereye.rules.thermal_emissivity import ASSUMED_OPTICS
from embereye.rules.thermal_facts import Facts, facts_of

# Frames in a row that must agree on another encoding; one odd frame is corrupt. A real sensor is
# given up more slowly, since the other encodings would show its fire far too cold.
_SWITCH_AFTER = 3
_LEAVE_MLX90640_AFTER = 10
_LEAST_USABLE = PIXELS // 2  # cells; a picture with more holes than cells shows no scene

_NOT_WORDS = "A thermal frame is neither 834 nor 768 words of hexadecimal digits."
_OTHER_ENCODING = "A thermal frame does not have the encoding of its device."
_IMPLAUSIBLE = "A thermal frame has an implausible supply voltage, temperature or gain."
_HOLES = "A thermal frame has hardly any cell that can be a temperature."


@dataclass(frozen=True, slots=True)
class RefusedFrame:
    """A thermal frame that could not be used; `reason` is a sentence for the log and the screen."""

    device: DeviceId
    at: Stamp
    reason: str


class ThermalDecoder:
    """How one device encodes its thermal frames, and what is needed to decode them.

    Belongs to one device for as long as the device is known, not to a connection.
    """

    def __init__(
        self,
        device: DeviceId,
        profile: Profile = Profile.UNKNOWN,
        emissivity: float = DEFAULT_EMISSIVITY,
        reflected: float | None = None,
    ) -> None:
        """Prepare for one device; ConfigError when the emissivity is outside 0.1–1.

        `profile` other than UNKNOWN is the operator's choice and is never changed by frames.
        `emissivity` is that of the watched objects, `reflected` the temperature of their
        surroundings in °C; None means 8 K below that of the sensor.
        """
        if not 0.1 <= emissivity <= 1:
            raise ConfigError("The emissivity must lie between 0.1 and 1.")
        self.device = device
        self.emissivity = emissivity
        self.reflected = reflected
        self._chosen = profile
        self._profile = profile
        self._other = Profile.UNKNOWN
        self._others = 0
        self._stack: CalibrationStack | None = None
        self._calibration: bytes | None = None

    @property
    def profile(self) -> Profile:
        """The operator's choice, else what the frames showed, else UNKNOWN."""
        return self._profile

    @property
    def calibration(self) -> bytes | None:
        """The calibration in use, 832 big-endian words; None while it is missing."""
        return self._calibration

    @property
    def stack(self) -> CalibrationStack | None:
        """The calibration in use, prepared for computing."""
        return self._stack

    def optics(self, ta: float | None) -> Optics:
        """What temperatures are computed with while the sensor itself has `ta` °C."""
        if ta is None or self._stack is None:
            around = ASSUMED_OPTICS.reflected if self.reflected is None else self.reflected
            return Optics(self.emissivity, around, ASSUMED_OPTICS.ta)
        around = ta - REFLECTED_BELOW_TA if self.reflected is None else self.reflected
        return Optics(self.emissivity, around, ta, self._stack.course)

    @property
    def waiting_calibration(self) -> bool:
        """Whether temperatures have to wait for the device's calibration memory."""
        return self._profile is Profile.MLX90640 and self._stack is None

    def calibrate(self, words: bytes) -> None:
        """Use this calibration (832 big-endian words); CalibrationError keeps the present one."""
        self._stack = CalibrationStack.of(Calibration.from_bytes(words))
        self._calibration = words

    def choose(self, profile: Profile) -> None:
        """Take the operator's choice; UNKNOWN returns to what the next frames show."""
        self._chosen = self._profile = profile
        self._others = 0

    def decode(self, payload: bytes | str, at: Stamp) -> ThermalFrame | RefusedFrame:
        """Decode one frame; see `decode_batch`."""
        return decode_batch([ThermalPacket(self, payload, at)])[0]

    def settle(self, seen: Profile) -> Profile | None:
        """The encoding to decode a frame with that looks like `seen`; None: refuse the frame."""
        if self._chosen is not Profile.UNKNOWN:
            short = seen is Profile.RAW  # without the auxiliary words that mlx90640 needs
            return None if short and self._chosen is Profile.MLX90640 else self._chosen
        if self._profile not in (Profile.UNKNOWN, seen):
            self._others = self._others + 1 if seen is self._other else 1
            self._other = seen
            real = self._profile is Profile.MLX90640
            if self._others < (_LEAVE_MLX90640_AFTER if real else _SWITCH_AFTER):
                return None
        self._profile, self._others = seen, 0
        return seen


@dataclass(frozen=True, slots=True)
class ThermalPacket:
    """The digits of one `#frame` packet, and the decoder of the device that sent it."""

    decoder: ThermalDecoder
    payload: bytes | str
    at: Stamp


def decode_batch(packets: Sequence[ThermalPacket]) -> list[ThermalFrame | RefusedFrame]:
    """Decode frames of any devices, in order: one result per packet, never an exception."""
    if not packets:
        return []
    frames = [frame_bytes(packet.payload) for packet in packets]
    words = padded_words(frames)
    batch = _Batch(packets, frames, words)
    for index, (frame, real) in enumerate(zip(frames, are_mlx90640(words).tolist(), strict=True)):
        if frame is None:
            batch.refused[index] = _NOT_WORDS
            continue
        odd = Profile.MLX90640 if real else Profile.CENTI27
        seen = odd if len(frame) == FULL_BYTES else Profile.RAW
        profile = packets[index].decoder.settle(seen)
        if profile is None:
            batch.refused[index] = _OTHER_ENCODING
        else:
            batch.profiles[index] = profile
    batch.scale()
    return batch.results()


class _Batch:
    """The frames of one call on their way to results; lives as long as the call."""

    def __init__(
        self,
        packets: Sequence[ThermalPacket],
        frames: Sequence[bytes | None],
        words: NDArray[np.uint16],
    ) -> None:
        count = len(packets)
        self.packets = packets
        self.frames = frames
        self.words = words
        self.profiles = [Profile.UNKNOWN] * count
        self.refused: list[str | None] = [None] * count
        self._relative = words[:, :PIXELS].view(np.int16).astype(np.float32)
        self._celsius = np.empty((count, ROWS, COLUMNS), np.float32)
        self._chip: dict[int, tuple[float, float]] = {}
        self._facts: Facts | None = None
        self._scaled: list[int] = []

    def scale(self) -> None:
        """Compute temperatures where the encoding defines them, and the facts of these frames."""
        self._scale_centi27(self._which(Profile.CENTI27))
        self._scale_mlx90640(
            [i for i in self._which(Profile.MLX90640) if self.packets[i].decoder.stack is not None]
        )
        if self._scaled:
            self._facts = facts_of(self._celsius[self._scaled])
            for index, usable in zip(self._scaled, self._facts.usable.tolist(), strict=True):
                if usable < _LEAST_USABLE:
                    self.refused[index] = self.refused[index] or _HOLES

    def results(self) -> list[ThermalFrame | RefusedFrame]:
        """One result per packet, in order."""
        facts = dict(zip(self._scaled, _rows(self._facts), strict=True))
        return [self._result(index, facts.get(index)) for index in range(len(self.packets))]

    def _which(self, profile: Profile) -> list[int]:
        return [index for index, found in enumerate(self.profiles) if found is profile]

    def _scale_centi27(self, which: list[int]) -> None:
        if not which:
            return
        # Sensor protocol, section 2 B: T = int16 / 100 + 27.
        values = self._relative[which] / np.float32(100) + np.float32(27)
        values[values < FLOOR_CELSIUS] = np.nan
        self._celsius[which] = values.reshape(-1, ROWS, COLUMNS)
        self._scaled += which

    def _scale_mlx90640(self, which: list[int]) -> None:
        decoders = [self.packets[index].decoder for index in which]
        stacks = [decoder.stack for decoder in decoders if decoder.stack is not None]
        if not stacks:
            return
        one = all(stack is stacks[0] for stack in stacks)
        around = [np.nan if dec.reflected is None else dec.reflected for dec in decoders]
        result = celsius(
            self.words[which],
            stacks[0] if one else CalibrationStack.join(stacks),
            np.array([decoder.emissivity for decoder in decoders]),
            np.array(around),
        )
        self._celsius[which] = result.celsius
        self._scaled += which
        chip = zip(result.valid.tolist(), result.vdd.tolist(), result.ta.tolist(), strict=True)
        for index, (valid, vdd, ta) in zip(which, chip, strict=True):
            self._chip[index] = (vdd, ta)
            if not valid:
                self.refused[index] = _IMPLAUSIBLE

    def _result(self, index: int, facts: "_Row | None") -> ThermalFrame | RefusedFrame:
        packet = self.packets[index]
        device, reason = packet.decoder.device, self.refused[index]
        if reason is not None:
            return RefusedFrame(device, packet.at, reason)
        # Copies, since a view would keep the whole batch in memory as long as one frame lives.
        relative = _read_only(self._relative[index].reshape(ROWS, COLUMNS))
        profile, words = self.profiles[index], self.frames[index] or b""
        if facts is None:
            return ThermalFrame(device, packet.at, profile, None, relative, words=words)
        vdd, ta = self._chip.get(index, (None, None))
        return ThermalFrame(
            device=device,
            at=packet.at,
            profile=profile,
            celsius=_read_only(self._celsius[index]),
            relative=relative,
            max_celsius=facts[0],
            min_celsius=facts[1],
            mean_celsius=facts[2],
            hottest=(facts[3], facts[4]),
            agreeing=facts[5],
            vdd_volt=vdd,
            ta_celsius=ta,
            optics=packet.decoder.optics(ta),
            words=words,
        )


_Row = tuple[float, float, float, int, int, int]


def _rows(facts: Facts | None) -> list[_Row]:
    """The facts, one tuple a picture, as plain numbers."""
    if facts is None:
        return []
    columns = (facts.highest, facts.lowest, facts.mean, facts.row, facts.column, facts.agreeing)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _read_only(values: NDArray[np.float32]) -> NDArray[np.float32]:
    copy = values.copy()
    copy.setflags(write=False)
    return copy
