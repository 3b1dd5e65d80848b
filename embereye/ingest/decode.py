"""From encoded packets to pictures with a time line that never runs backwards."""

from collections import deque
from fractions import Fraction
from typing import Any

import av

from embereye.ingest.hardware import Chip
from embereye.ingest.key_distance import KeyDistance
from embereye.ingest.packet_shelf import PacketShelf
from embereye.ingest.picture import Decode
from embereye.ingest.stream_codec import StreamCodec
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.errors import CameraUnreachable, CameraUnsupported
from embereye.runtime.clock import Clock

_JUMP = 10.0  # s; a larger step of time stamps is a reset of the camera's clock
_PATIENCE = 15.0  # s of packets without a picture; longer than any usual key frame distance
# A stream that showed pictures and shows none any more is opened again: its codec may have changed,
# and most cameras begin with a key frame. Together with the pause and opening: within 5 s.
_BROKEN = 3.0  # s of packets without a picture that can be trusted
_BROKEN_PACKETS = 15  # as many of them, so that slow streams survive one damaged packet
# Whole pictures in a row after one damaged packet: a stream that lost one goes on within a third
# of a second. After more damage every picture shows leftovers of it until the next key frame.
_PROOF = 5
_PAUSED = (Decode.KEY_FRAMES, Decode.NOTHING)
_CLEAN = 10  # packets in a row that decode without an error; of random bytes one in ten does


class Timeline:
    """Presentation times as seconds that grow, whatever the camera sends.

    A stamp that is missing, repeats, falls or leaps is replaced: by the time of arrival, or by
    `step` seconds after the one before, where pictures do not arrive but are fetched (files).

    Attributes:
        repaired: Stamps so far that repeated, fell or leapt.
    """

    def __init__(self, clock: Clock, step: float | None = None) -> None:
        self._clock = clock
        self._step = step
        self._stamp: float | None = None
        self._at: float | None = None
        self._media = 0.0
        self.repaired = 0

    def media(self, stamp: float | None) -> float:
        """Seconds since the first picture, for a picture stamped `stamp` (s, or None)."""
        now = self._clock.mono()
        if self._at is not None:
            self._media += self._stamped(stamp) or self._replaced(now - self._at)
        self._stamp, self._at = stamp, now
        return self._media

    def pause(self) -> None:
        """Stamps were not looked at for a while: the next one tells nothing by itself."""
        self._stamp = None

    def _stamped(self, stamp: float | None) -> float:
        if stamp is None or self._stamp is None:
            return 0.0
        if not 0 < stamp - self._stamp < _JUMP:
            self.repaired += 1
            return 0.0
        return stamp - self._stamp

    def _replaced(self, elapsed: float) -> float:
        return max(0.0, elapsed) if self._step is None else self._step


class StreamDecoder:
    """Decodes one video stream in one thread.

    Attributes:
        decode: How much to decode; after a pause it goes on with the present picture.
        arrived: Packets so far that made a picture or were left out on purpose. One that was tried
            in vain says nothing good of the camera.
    """

    def __init__(
        self,
        stream: Any,
        clock: Clock,
        place: str,
        step: float | None = None,
        chip: Chip | None = None,
    ) -> None:
        self.decode = Decode.ALL
        self.arrived = 0
        self._codec = StreamCodec(stream, chip)
        self._clock = clock
        self._place = place
        self._scaler = PlaneScaler()
        self._timeline = Timeline(clock, step)
        self._from_file = step is not None
        self._ready: deque[av.VideoFrame] = deque()
        self._keys = KeyDistance()
        self._unproven = 0  # whole pictures still needed after damage
        self._damaged = 0  # packets since the last key frame
        self._key_broken = self._in_halves = False  # that key frame; each of this server
        self._key_stamp: int | None = None
        self._clean = 0  # packets since the last that did not decode
        self._fruitless = 0  # packets since the last picture
        self._shown = False  # any picture so far
        self._waiting_key = False
        self._shelf = PacketShelf()
        self._only_references = False
        self._good = clock.mono()
        self._shape = _shape(stream.codec_context)
        # Pictures bear the time base of their stream; its fraction costs 10 µs at each of them.
        self._tick = float(stream.time_base or 0)

    def feed(self, packet: Any) -> YuvPicture | None:
        """Decode one packet; None when it makes no picture or is left out on purpose.

        Raises:
            CameraUnreachable: pictures came, and none could be decoded for the last 3 s.
            CameraUnsupported: nothing could be decoded for 15 s.
        """
        self._leave_out_b_frames(self.decode is Decode.REFERENCES)
        if self._left_out(packet):
            self._good = self._clock.mono()  # not tried is not failed
            self._fruitless = 0
            self.arrived += not self._keys.overdue(packet.pts)
            return None
        self._catch_up()
        if packet.is_keyframe:
            self._begin_key(packet.pts)
        try:
            self._ready.extend(self._codec.decode(packet))
        except av.FFmpegError:  # one damaged packet; the next may be whole
            self._clean = 0
            self._note_damage(packet.is_keyframe)
            self._check_patience()
            return None
        self._clean += 1
        picture = self.next()
        if picture is None:
            self._check_patience()
        self.arrived += picture is not None
        return picture

    @property
    def decoder(self) -> str:
        """Codec and what decodes it, such as "h264 (vaapi)"."""
        return self._codec.decoder

    def close(self) -> None:
        """Let go of the decoder chip, if one is used."""
        self._codec.close()

    @property
    def until_key(self) -> int | None:
        """Packets until the next key frame, by the distance of the last two; None: unknown."""
        return self._keys.until

    def next(self) -> YuvPicture | None:
        """A further picture of the last packet; damaged ones are left out.

        What a decoder makes up for lost data is partly an old picture and partly invented. A
        stream without key frames counts as damaged for ever, so there it is shown.
        """
        while self._ready:
            frame = self._ready.popleft()
            refreshed = self._keys.keyless and self._clean >= _CLEAN
            if refreshed or self._proven(frame):
                return self._picture(frame)
        return None

    def _proven(self, frame: av.VideoFrame) -> bool:
        """Whether a picture can be trusted: whole, and not just lucky among damaged ones."""
        if frame.is_corrupt:
            self._note_damage(bool(frame.key_frame))
            return False
        if frame.key_frame:
            self._unproven = self._damaged = 0
            self._key_broken = False
        elif self._damaged <= 1 and (self._in_halves or not self._key_broken):
            self._unproven = max(0, self._unproven - 1)
        return self._unproven == 0

    def _begin_key(self, stamp: int | None) -> None:
        """A key frame begins, or goes on.

        Servers that repeat parameter sets before each slice make halves of every key frame: both
        count as damaged, and what follows is whole.
        """
        if stamp is not None and stamp != self._key_stamp:
            self._in_halves = self._key_broken and self._damaged == 0
            self._key_broken, self._damaged = False, 0
        self._key_stamp = stamp

    def _note_damage(self, key: bool) -> None:
        self._unproven = _PROOF
        if key:
            self._key_broken = True
        else:
            self._damaged += 1

    def _picture(self, frame: av.VideoFrame) -> YuvPicture:
        self._good = self._clock.mono()
        self._fruitless, self._shown = 0, True
        media = self._timeline.media(self._stamp(frame))
        return YuvPicture(frame, self._scaler, media, self._shape, self._timeline.repaired)

    def _stamp(self, frame: Any) -> float | None:
        """When a picture is to be shown, s.

        Containers such as AVI store no presentation times; libav's guess of them jumps to and fro
        with B frames, while decoding times grow evenly. Cameras send presentation times only.
        """
        ticks = frame.dts if self._from_file and frame.dts is not None else frame.pts
        return None if ticks is None or not self._tick else float(ticks * self._tick)

    def _left_out(self, packet: Any) -> bool:
        self._keys.note(packet.pts, key=packet.is_keyframe)
        if packet.is_keyframe:
            self._waiting_key = False
            self._shelf.clear()
            if self.decode is Decode.NOTHING:
                self._shelf.begin(packet)
            return self.decode is Decode.NOTHING
        if self._keys.keyless:
            return self.decode is Decode.NOTHING
        pausing = self.decode in _PAUSED and not self._keys.overdue(packet.pts)
        if pausing and not self._waiting_key:
            self._waiting_key = not self._shelf.add(packet)
            return True
        return self._waiting_key

    def _catch_up(self) -> None:
        """Decode what was kept while nothing was to be decoded; nobody needs its pictures."""
        kept = self._shelf.take()
        if kept:
            self._timeline.pause()
        for packet in kept:
            try:
                for frame in self._codec.decode(packet):
                    self._proven(frame)
            except av.FFmpegError:
                self._note_damage(packet.is_keyframe)

    def _leave_out_b_frames(self, wanted: bool) -> None:
        if wanted is not self._only_references:
            self._only_references = wanted
            self._codec.leave_out_b_frames(wanted)

    def _check_patience(self) -> None:
        self._fruitless += 1
        silent = self._clock.mono() - self._good
        live = self._shown and not self._from_file  # to open a file again changes nothing
        if live and silent > _BROKEN and self._fruitless >= _BROKEN_PACKETS:
            raise CameraUnreachable(
                f"The camera at {self._place} sends damaged video. "
                "Check its network and its video settings."
            )
        if silent > _PATIENCE:
            raise CameraUnsupported(
                f"The camera at {self._place} sends data that cannot be decoded. "
                "Set it to H.264, H.265 or MJPEG."
            )


def video_stream(container: Any, place: str) -> Any:
    """The first video stream that can be decoded.

    Raises:
        CameraUnsupported: there is none.
    """
    for stream in container.streams.video:
        if stream.codec_context is not None:
            return stream
    what = "an unknown video format" if container.streams.video else "no video"
    raise CameraUnsupported(f"{place} offers {what}. Set the camera to H.264, H.265 or MJPEG.")


def stream_names(container: Any, chosen: Any) -> tuple[str, ...]:
    """Kind and codec of each stream, the chosen one first: "video h264", "audio aac"."""
    others = [stream for stream in container.streams if stream.index != chosen.index]
    return tuple(_stream_name(stream) for stream in (chosen, *others))


def declared_interval(stream: Any) -> float:
    """Seconds between pictures as the stream says; 0 when it says nothing believable."""
    # Of AVI with B frames the average is doubled, of RTSP the guess (field rate).
    declared = (stream.guessed_rate, stream.average_rate, stream.codec_context.framerate)
    rate = min((rate for rate in declared if rate), default=0)
    return float(1 / rate) if 0.1 <= rate <= 240 else 0.0


def _stream_name(stream: Any) -> str:
    context = stream.codec_context
    return f"{stream.type} {context.name if context is not None else 'unknown'}"


def _shape(context: Any) -> Fraction:
    ratio = context.sample_aspect_ratio
    return Fraction(ratio) if ratio and Fraction(1, 4) <= ratio <= 4 else Fraction(1)
