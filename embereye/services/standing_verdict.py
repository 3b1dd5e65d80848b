"""The verdict on a picture stands for a while, for that same picture."""

from dataclasses import replace

from embereye.model.detection import DetectionResult
from embereye.model.frame import Frame
from embereye.model.stamp import Stamp
from embereye.vision.unchanged import Fingerprint, alike, fingerprint

_SUSPICION = 0.3  # score from which nothing is taken for granted


def suspicious(result: DetectionResult) -> bool:
    """Whether there is a sign of fire or smoke, be it of this picture alone."""
    return max(result.fire, result.smoke, result.suspicion) >= _SUSPICION


class StandingVerdict:
    """What the detectors said last about one camera, beside the picture it was said about. One
    thread.

    Later pictures are compared with that picture, never with one another: what grows by less than
    can be told from noise between two looks is still seen once it has added up.
    """

    def __init__(self) -> None:
        self._result: DetectionResult | None = None
        self._picture: Fingerprint | None = None
        self._asked = -1  # number of the frame that is being judged

    def asked(self, frame: Frame) -> None:
        """This frame is being judged; what was known before stands no longer."""
        self.drop()
        if frame.closeup is None:
            self._picture, self._asked = fingerprint(frame.pixels), frame.seq

    def take(self, result: DetectionResult) -> None:
        """A verdict has come; it stands when it is on the frame asked about and saw nothing."""
        if self._picture is None or result.frame_seq != self._asked:
            return
        # Rules about objects count looks: one wrong box, repeated, would be several.
        if suspicious(result) or result.detections:
            self.drop()
        else:
            self._result = result

    def answer(self, frame: Frame, at: Stamp, age: float) -> DetectionResult | None:
        """The verdict, where `frame` shows the picture that it was given on at most `age` s ago.

        None where the picture must be judged; the verdict is forgotten then.
        """
        known, picture = self._result, self._picture
        if known is None or picture is None:
            return None
        too_old = frame.at.mono - known.frame_at.mono >= age
        other_size = known.source != (frame.source_width, frame.source_height)
        if too_old or other_size or frame.closeup or not alike(picture, fingerprint(frame.pixels)):
            self.drop()
            return None
        return replace(
            known, frame_seq=frame.seq, frame_at=frame.at, at=at, seconds=0.0, cached=True
        )

    def drop(self) -> None:
        """Nothing is known any more: another scene, other settings."""
        self._result = self._picture = None
        self._asked = -1
