"""Plays WAV files through QtMultimedia."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtMultimedia import QAudioDevice, QMediaDevices, QSoundEffect

from embereye.config.schema import Sound
from embereye.runtime.resources import resource

SOUNDS = ("fire", "high", "medium", "low", "fault")


class SoundOutput(Protocol):
    """What `ui.sounds` needs of a loudspeaker. GUI thread."""

    def problem(self) -> str:
        """Why nothing can be heard, in words; empty while the path works."""

    def play(self, name: str, endless: bool) -> None:
        """Play one of `SOUNDS` from its beginning, instead of what plays now."""

    def stop(self) -> None:
        """Silence."""

    def when_changed(self, call: Callable[[], None]) -> None:
        """Call back when output devices come or go."""


class QtSoundOutput(QObject):
    """One loaded effect per sound, so that a start needs no file access. GUI thread.

    Signals:
        changed: () output devices came or went; the effects are bound to the new one already
    """

    changed = Signal()

    def __init__(self, settings: Sound) -> None:
        super().__init__()
        self._settings = settings
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self._rebind)
        self._effects: dict[str, QSoundEffect] = {}
        self._bound: bytes | None = None
        self._rebind()

    def problem(self) -> str:
        if not self._settings.enabled:
            return self.tr("Sound is switched off in the settings.")
        if self._device() is None:
            return self.tr("There is no sound device. Connect one; it is used at once.")
        broken = [n for n, e in self._effects.items() if e.status() is QSoundEffect.Status.Error]
        if broken:
            return self.tr("The sounds {0} cannot be played.").format(", ".join(broken))
        return ""

    def play(self, name: str, endless: bool) -> None:
        self.stop()
        effect = self._effects.get(name)
        if effect is not None:
            effect.setLoopCount(QSoundEffect.Loop.Infinite.value if endless else 1)
            effect.play()

    def stop(self) -> None:
        for effect in self._effects.values():
            if effect.isPlaying():
                effect.stop()

    def when_changed(self, call: Callable[[], None]) -> None:
        self.changed.connect(call)

    def _device(self) -> QAudioDevice | None:
        outputs = QMediaDevices.audioOutputs()
        for device in outputs:
            if self._settings.device in (device.description(), bytes(device.id().data()).decode()):
                return device
        default = QMediaDevices.defaultAudioOutput()
        return None if not outputs or default.isNull() else default

    @Slot()
    def _rebind(self) -> None:
        device = self._device() if self._settings.enabled else None
        bound = None if device is None else bytes(device.id().data())
        if bound != self._bound or bound is None:
            self._drop()
            if device is not None:
                self._effects = {name: self._load(name, device) for name in SOUNDS}
            self._bound = bound
        self.changed.emit()

    def _load(self, name: str, device: QAudioDevice) -> QSoundEffect:
        effect = QSoundEffect(device, self)
        effect.setSource(QUrl.fromLocalFile(str(resource("sounds", f"{name}.wav"))))
        effect.setVolume(self._settings.volume)
        return effect

    def _drop(self) -> None:
        self.stop()
        for effect in self._effects.values():
            effect.deleteLater()
        self._effects = {}
