"""Make the alarm sounds in resources/sounds; see resources/README.md.

    python tools/make_sounds.py

More and faster pulses mean a higher priority, the idea of IEC 60601-1-8 (not its exact
melodies). The fire sound sweeps between 800 and 970 Hz, as many fire alarm sounders do.
"""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 44_100  # samples/s
PEAK = 10 ** (-3 / 20)  # −3 dBFS leaves head room for mixers
_TARGET = Path(__file__).resolve().parents[1] / "resources" / "sounds"

F64 = NDArray[np.float64]


def main() -> None:
    """Write all six files."""
    _TARGET.mkdir(parents=True, exist_ok=True)
    for name, make in SOUNDS.items():
        sound = make()
        samples = np.round(sound / np.abs(sound).max() * PEAK * 32767).astype("<i2")
        with wave.open(str(_TARGET / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(samples.tobytes())
        print(f"{name}: {samples.size / RATE:.2f} s")


def fire() -> F64:
    """3.0 s: sweeps 800 to 970 Hz twice a second for 2 s, then two-tone for 1 s; no silence."""
    t = _time(3.0)
    sweep = 800 + 170 * ((2 * t) % 1.0)
    two_tone = np.where((4 * t) % 1.0 < 0.5, 970.0, 800.0)
    hertz = np.where(t < 2.0, sweep, two_tone)
    # The whole loop must hold a whole number of cycles: spread the remainder over all samples.
    turns = np.cumsum(hertz) / RATE
    turns *= round(turns[-1]) / turns[-1]
    turns = np.concatenate(([0.0], turns[:-1]))
    return _bright(turns, (1.0, 0.42, 0.30, 0.12, 0.10))


def high() -> F64:
    """2.0 s: three pulses of 150 ms at 784 Hz, each 250 ms, then silence."""
    return _pulses(
        2.0, [(0.0, 0.15, 784.0), (0.25, 0.15, 784.0), (0.50, 0.15, 784.0)], (1.0, 0.5, 0.3, 0.15)
    )


def medium() -> F64:
    """2.5 s: two pulses of 200 ms at 622 Hz, 400 ms apart, then silence."""
    return _pulses(2.5, [(0.0, 0.20, 622.3), (0.40, 0.20, 622.3)], (1.0, 0.4, 0.2))


def low() -> F64:
    """3.0 s: one soft tone of 350 ms at 494 Hz that dies away."""
    return _pulses(3.0, [(0.0, 0.35, 493.9)], (1.0, 0.25), fall=7.0)


def fault() -> F64:
    """3.0 s: a low double tone, 330 then 262 Hz, 250 ms each."""
    return _pulses(3.0, [(0.0, 0.25, 329.6), (0.27, 0.25, 261.6)], (1.0, 0.5, 0.25, 0.12))


def test() -> F64:
    """1.0 s: one bell of 400 ms at 1047 Hz that dies away: no alarm sounds like it."""
    return _pulses(1.0, [(0.0, 0.4, 1046.5)], (1.0, 0.1), fall=9.0)


SOUNDS: dict[str, Callable[[], F64]] = {
    "fire": fire, "high": high, "medium": medium, "low": low, "fault": fault, "test": test,
}  # fmt: skip


def _pulses(
    seconds: float,
    pulses: list[tuple[float, float, float]],
    overtones: tuple[float, ...],
    fall: float = 0.0,
) -> F64:
    """Tones (start s, length s, Hz) with 12 ms soft edges, silence around them."""
    t = _time(seconds)
    total = np.zeros_like(t)
    for start, length, hertz in pulses:
        own = t - start
        edge = np.clip(np.minimum(own, length - own) / 0.012, 0.0, 1.0)  # 12 ms: no click
        soft = 0.5 - 0.5 * np.cos(np.pi * edge)
        total += soft * np.exp(-fall * np.clip(own, 0, None)) * _bright(own * hertz, overtones)
    return total


def _bright(turns: F64, overtones: tuple[float, ...]) -> F64:
    """A tone with overtones: small loudspeakers and hearing loss swallow a pure one."""
    parts = [share * np.sin(2 * np.pi * (k + 1) * turns) for k, share in enumerate(overtones)]
    return np.asarray(np.sum(parts, axis=0), np.float64)


def _time(seconds: float) -> F64:
    return np.arange(int(seconds * RATE)) / RATE


if __name__ == "__main__":
    main()
