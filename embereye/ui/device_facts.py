"""What a device is and does, in words for the screen."""

from PySide6.QtCore import QObject

from embereye.model.reading import DeviceState, DeviceStatus, Profile
from embereye.services.places import places_of
from embereye.ui import words
from embereye.ui.console import Console


class DeviceFacts(QObject):
    """Texts of one device. GUI thread."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def place(self, device: DeviceStatus) -> str:
        """The name of its place."""
        return places_of(self._console.settings()).name(device.place)

    def state(self, device: DeviceStatus) -> str:
        """Its state as a word, with a shape when it wants attention."""
        return {
            DeviceState.UNKNOWN: self.tr("Unknown"),
            DeviceState.LIVE: self.tr("Live"),
            DeviceState.SUSPECT: self.tr("△ Suspect"),
            DeviceState.SILENT: self.tr("△ Silent"),
            DeviceState.DISABLED: self.tr("◇ Disabled"),
        }[device.state]

    def seen(self, device: DeviceStatus) -> str:
        """How long ago its newest packet came."""
        age = self.age(device)
        return self.tr("never") if age is None else self.tr("{0} ago").format(words.span(age))

    def age(self, device: DeviceStatus) -> float | None:
        """Seconds since its newest packet, None before the first."""
        if device.last_seen is None:
            return None
        return self._console.clock.mono() - device.last_seen.mono

    def badges(self, device: DeviceStatus) -> list[str]:
        """What is out of the ordinary, short."""
        found = []
        if not device.assigned:
            found.append(self.tr("UNASSIGNED"))
        if not device.verified:
            found.append(self.tr("UNVERIFIED"))
        if device.firmware_state:
            found.append(self.tr("firmware {0}").format(device.firmware_state))
        if not device.clock_believed:
            found.append(self.tr("clock wrong"))
        if device.waiting_calibration:
            found.append(self.tr("waiting for calibration"))
        if device.state is DeviceState.DISABLED and device.disabled_until is not None:
            until = words.full_time(device.disabled_until)[:16]
            found.append(self.tr("disabled until {0}").format(until))
        found += device.doubts
        if device.note:
            found.append(device.note)
        return found

    def values(self, device: DeviceStatus) -> list[str]:
        """What it measures now."""
        frame, reading = device.thermal, device.reading
        lines = []
        if frame is not None and frame.max_celsius is not None:
            text = self.tr("Maximum {0:.1f} °C · minimum {1:.1f} °C · mean {2:.1f} °C")
            lines.append(
                text.format(frame.max_celsius, frame.min_celsius or 0.0, frame.mean_celsius or 0.0)
            )
        if frame is not None and frame.vdd_volt is not None and frame.ta_celsius is not None:
            text = self.tr("Supply {0:.2f} V · sensor {1:.1f} °C")
            lines.append(text.format(frame.vdd_volt, frame.ta_celsius))
        if reading is not None:
            channels = [("ADC1", reading.adc1), ("ADC2", reading.adc2), ("ADC3", reading.adc3)]
            present = [f"{name} {value}" for name, value in channels if value is not None]
            if reading.flame is not None:
                on, off = self.tr("flame input on"), self.tr("flame input off")
                present.append(on if reading.flame else off)
            lines.append(" · ".join(present))
        lines.append(
            self.tr("{0} packets · {1} corrupt · {2} missed").format(
                device.packets, device.corrupt, device.missed
            )
        )
        return lines

    def identity(self, device: DeviceStatus) -> list[str]:
        """Who it is and how it is known."""
        proof = (
            self.tr("VERIFIED: this connection proved its identity.")
            if device.verified
            else self.tr("UNVERIFIED: this device cannot prove who it is.")
        )
        if device.enrolled and not device.verified:
            proof = self.tr("Enrolled, but not connected with its key now.")
        lines = [
            self.tr("Id {0} · place {1}").format(device.id, self.place(device)),
            self.tr("From {0}").format(device.address or "–"),
            proof,
            self.tr("Encoding {0} · calibration {1}").format(
                _profile(device),
                self.tr("missing") if device.waiting_calibration else self.tr("present"),
            ),
            self.tr("Period {0} · expected {1}").format(span(device.period), span(device.expected)),
            self.tr("Firmware {0}").format(device.firmware or self.tr("unknown")),
        ]
        if device.clock_offset is not None:
            lines.append(self.tr("Clock {0}").format(drift(device)))
        return lines


def span(seconds: float | None) -> str:
    """A period: "0.1 s", "4.1 s"."""
    return "–" if not seconds else f"{seconds:.1f} s"


def rate(device: DeviceStatus) -> str:
    """Packets a second as they come."""
    if not device.period:
        return "–"
    often = 1 / device.period
    return f"{often:.1f} /s" if often >= 1 else f"{often:.2f} /s"


def loss(device: DeviceStatus) -> float | None:
    """Share of packets that were corrupt or never came, in percent; None before the first."""
    total = device.packets + device.corrupt + device.missed
    return None if not total else 100.0 * (device.corrupt + device.missed) / total


def drift(device: DeviceStatus) -> str:
    """Its clock against ours."""
    if device.clock_offset is None:
        return "–"
    mark = "" if device.clock_believed else "△ "
    offset = round(device.clock_offset, 2) + 0.0  # never "-0.00"
    return f"{mark}{offset:+.2f} s" if offset else f"{mark}0.00 s"


def _profile(device: DeviceStatus) -> str:
    return "–" if device.profile is Profile.UNKNOWN else device.profile.value
