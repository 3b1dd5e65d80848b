"""Plays WAV files through Qt Multimedia and proves that the device takes them."""

from multiprocessing.connection import Connection

from PySide6.QtCore import QCoreApplication, QObject, QTimer, QUrl, Slot
from PySide6.QtMultimedia import QAudioDevice, QAudioSink, QMediaDevices, QSoundEffect

from embereye.runtime.clock import SystemClock
from embereye.runtime.resources import resource
from embereye.ui.sound_child import SOUNDS, Heard, Path, Play, Prove, Proved, Quiet

_BEAT = 250  # ms between two looks at the path, each told to the console
_STALLED = 12  # beats (3 s) without a byte taken; a null sink may take 2 s for its first
_HOPELESS = 120  # beats (30 s) without a device, after which a fresh start is tried
_BUFFER = 0.5  # s of silence that the probe keeps in the device
_DUMMY = b"auto_null"  # what PulseAudio offers when it has no device at all


class Player(QObject):
    """One loaded effect per sound, so that a start needs no file access. Main thread of a child."""

    def __init__(self, pipe: Connection, device: str, volume: float) -> None:
        super().__init__()
        self._pipe = pipe
        self._wanted = device
        self._volume = volume
        self._bound: bytes | None = None
        self._command: Play | Quiet = Quiet()
        self._effects: dict[str, QSoundEffect] = {}
        self._probe: _Probe | None = None
        self._without = 0
        self._clock = SystemClock()
        self._unheard = ""  # what was ordered and does not play yet
        self._proving = False
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self._rebind)
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self._rebind()

    @Slot(object)
    def obey(self, command: Play | Quiet | Prove) -> None:
        """Play, be quiet, or say with the next beat whether it could play."""
        if isinstance(command, Prove):
            self._proving = True
            return
        self._command, self._unheard = command, ""
        for effect in self._effects.values():
            if effect.isPlaying():
                effect.stop()
        if isinstance(command, Play) and command.name in self._effects:
            effect = self._effects[command.name]
            loops = QSoundEffect.Loop.Infinite.value if command.endless else 1
            effect.setLoopCount(loops)
            self._unheard = command.name
            effect.play()
            self._tell_heard()

    @Slot()
    def _rebind(self) -> None:
        device = self._device()
        bound = None if device is None else bytes(device.id().data())
        if bound == self._bound:
            return
        self._bound = bound
        for effect in self._effects.values():
            effect.stop()
            effect.deleteLater()
        self._effects = {}
        self._probe = None
        if device is not None:
            self._effects = {name: self._load(name, device) for name in SOUNDS}
            self._probe = _Probe(device)
        if isinstance(self._command, Play) and self._command.endless:
            self.obey(self._command)  # what played is gone with the former device

    @Slot()
    def _beat(self) -> None:
        self._rebind()
        if any(effect.status() is QSoundEffect.Status.Loading for effect in self._effects.values()):
            return  # not usable yet, and not broken either
        problem = self._problem()
        self._tell_heard()
        if self._proving:
            self._proving = False
            self._tell(Proved(problem, self._clock.mono()))
        if not self._tell(Path(problem)):
            return
        self._without = self._without + 1 if problem else 0
        stalled = self._probe is not None and self._probe.stalled
        if stalled or self._without >= _HOPELESS:
            QCoreApplication.exit(1)  # a fresh process finds devices that this one never will

    @Slot()
    def _tell_heard(self) -> None:
        """Say that what was ordered plays; Qt calls a sound playing before its file is loaded."""
        effect = self._effects.get(self._unheard)
        if effect is None or effect.status() is not QSoundEffect.Status.Ready:
            return
        if effect.isPlaying():
            name, self._unheard = self._unheard, ""
            self._tell(Heard(name, self._clock.mono()))

    def _tell(self, word: Heard | Proved | Path) -> bool:
        """False when the console is gone."""
        try:
            self._pipe.send(word)
        except (OSError, ValueError):
            QCoreApplication.quit()
            return False
        return True

    def _problem(self) -> str:
        if self._probe is None:
            return self.tr("There is no sound device. Connect one; it is used at once.")
        self._probe.feed()
        if self._probe.stalled:
            return self.tr("The sound device takes no sound. Check its connection.")
        states = {effect.status() for effect in self._effects.values()}
        if QSoundEffect.Status.Error in states:
            return self.tr("The sound files cannot be played. Install EmberEye again.")
        return ""

    def _device(self) -> QAudioDevice | None:
        usable = [d for d in QMediaDevices.audioOutputs() if bytes(d.id().data()) != _DUMMY]
        for device in usable:
            if self._wanted in (device.description(), bytes(device.id().data()).decode("utf-8")):
                return device
        default = next((device for device in usable if device.isDefault()), None)
        return default or next(iter(usable), None)

    def _load(self, name: str, device: QAudioDevice) -> QSoundEffect:
        effect = QSoundEffect(device, self)
        effect.setSource(QUrl.fromLocalFile(str(resource("sounds", f"{name}.wav"))))
        effect.setVolume(self._volume)
        effect.playingChanged.connect(self._tell_heard)
        return effect


class _Probe:
    """Feeds silence to the device: the only way to notice that it takes nothing any more."""

    def __init__(self, device: QAudioDevice) -> None:
        form = device.preferredFormat()
        self._sink = QAudioSink(device, form)
        self._sink.setBufferSize(form.bytesForDuration(round(_BUFFER * 1e6)))
        self._stream = self._sink.start()
        self._idle = 0

    @property
    def stalled(self) -> bool:
        """Whether nothing was taken for 3 s."""
        return self._idle >= _STALLED

    def feed(self) -> None:
        """Give as much silence as the device takes."""
        free = self._sink.bytesFree() if self._stream is not None else 0
        self._idle = 0 if free > 0 and self._stream.write(bytes(free)) > 0 else self._idle + 1
