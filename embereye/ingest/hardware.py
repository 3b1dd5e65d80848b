"""Decoder chips: which kinds this machine offers, and whether one camera may use its chip now.

libav may be built without a kind (the wheels of PyAV for Linux know cuda only), a machine may lack
the device, and a driver may break off, hang or answer wrongly at any time. Software decodes in all
these cases. A chip that failed is left alone for ten minutes, then twice as long, and so on.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import av
import av.logging
from av.codec.hwaccel import HWAccel, hwdevices_available

from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

OFF, AUTO = "off", "auto"
# What the settings offer, by system; `AUTO` takes the first that works. NVIDIA cards come first:
# they decode beside everything else, and vaapi on top of them is a layer more.
_KINDS = {
    "linux": ("cuda", "vaapi"),
    "win32": ("d3d11va", "cuda"),
    "darwin": ("videotoolbox",),
}
# One context of the card for all cameras of a process; one for each costs about 100 MB of its
# memory and its switching. Source: FFmpeg, libavutil/hwcontext_cuda.c, option primary_ctx
_OPTIONS: dict[str, dict[str, object]] = {"cuda": {"primary_ctx": "1"}}
_REST, _LONGEST_REST = 600.0, 86_400.0  # s without a chip that failed: ten minutes to a day

Create = Callable[[str, str], Any]


class ChipAbsent(Exception):
    """No device of this kind can be opened here."""


class CodecUnknown(Exception):
    """This kind of chip decodes other codecs only."""


def offered(codec: str = "h264") -> tuple[str, ...]:
    """The kinds of chips that can be opened here for `codec`. May take seconds in a driver."""
    av.logging.set_level(None)
    return tuple(kind for kind in _order() if _opens(kind, codec))


def open_chip(kind: str, codec: str) -> Any:
    """A closed codec context that decodes `codec` by a chip, or not at all.

    Raises:
        ChipAbsent, CodecUnknown: decode in software.
    """
    if kind not in hwdevices_available():
        raise ChipAbsent
    accelerator = HWAccel(kind, allow_software_fallback=False, options=_OPTIONS.get(kind, {}))
    try:
        context = av.CodecContext.create(codec, "r", accelerator)
    except (av.FFmpegError, OSError):
        raise ChipAbsent from None
    except ValueError:
        raise CodecUnknown from None
    if not context.is_hwaccel:
        raise CodecUnknown
    return context


class Chip:
    """Whether one camera may use a chip; kept over its connections.

    Its readers use it one after the other. One that hangs in a driver is left behind and never
    comes back to it; the next one finds the mark it left.

    Attributes:
        note: What decodes, such as "vaapi" or "software; no vaapi"; empty when none is wished.
    """

    def __init__(
        self, wanted: str, clock: Clock, camera: str = "", create: Create = open_chip
    ) -> None:
        """`wanted`: as in the settings. `create` opens a kind for a codec as `open_chip` does."""
        self.note = ""
        self.clock = clock
        self._kinds = {OFF: (), AUTO: _order()}.get(wanted, (wanted,))
        self._wanted = "chip" if wanted == AUTO else wanted
        self._camera = camera
        self._create = create
        self._kind = ""
        self._working: object | None = None  # the call that a driver has in hand
        self._rest = _REST
        self._until: float | None = None  # mono; when the chip may be tried again
        self._told = ""

    @property
    def rested(self) -> bool:
        """Whether a chip that failed may be tried again now."""
        return self._until is not None and self.clock.mono() >= self._until

    def open(self, codec: str) -> Any | None:
        """A new codec context on a chip; None: decode in software, `note` says why."""
        if not self._kinds:
            return None
        if self._working is not None:
            self._working = None
            self.failed("it hangs")
        if self._until is not None and self.clock.mono() < self._until:
            return None
        self._until = None
        self.note = f"software; no {self._wanted}"
        context = None
        for kind in self._kinds:
            if (context := self._opened(kind, codec)) is not None:
                self.note = kind
                break
        self._tell()
        return context

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Around each call into the driver, so that one that never comes back is noticed."""
        token = self._working = object()
        try:
            yield
        finally:
            if self._working is token:  # else a later reader has taken it as hung already
                self._working = None

    def failed(self, why: str) -> None:
        """The chip is not to be trusted: leave it alone for a while."""
        self._until = self.clock.mono() + self._rest
        minutes = self._rest / 60
        self._rest = min(2 * self._rest, _LONGEST_REST)
        kind = self._kind or self._wanted
        self.note = self._told = f"software; {kind} failed"
        _log.warning(
            "camera %s: %s failed (%s); decoded in software for %.0f minutes",
            self._camera, kind, why, minutes,
        )  # fmt: skip

    def _opened(self, kind: str, codec: str) -> Any | None:
        self._kind = kind
        try:
            with self.at_work():
                return self._create(kind, codec)
        except ChipAbsent:
            return None
        except CodecUnknown:
            self.note = f"software; not by {kind}"
            return None

    def _tell(self) -> None:
        """Put what decodes from now on into the log, when it is not what did before."""
        if self.note != self._told:
            self._told = self.note
            _log.info("camera %s: video is decoded by %s", self._camera, self.note)


def _order() -> tuple[str, ...]:
    return _KINDS.get(sys.platform, ())


def _opens(kind: str, codec: str) -> bool:
    try:
        open_chip(kind, codec)
    except (ChipAbsent, CodecUnknown):
        return False
    return True
