"""One uploaded file in hand: pictures one after the other, on the time line of its camera."""

from embereye.ingest.picture import Decode
from embereye.ingest.upload_file import OpenUpload
from embereye.ingest.upload_name import UploadKind
from embereye.ingest.upload_picture import Clip, still
from embereye.ingest.upload_settle import Signature
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.runtime.clock import Clock


class Playing:
    """One upload.

    Attributes:
        pictures: Handed on so far.
        last_media: Seconds of the newest one on the camera's time line.
    """

    def __init__(
        self,
        path: str,
        signature: Signature,
        opened: OpenUpload,
        scaler: PlaneScaler,
        begin: float,
        clock: Clock,
    ) -> None:
        """`begin`: where its time line begins, s; `signature`: how the file was when complete."""
        self.path = path
        self.signature = signature
        self.opened = opened
        self.pictures = 0
        self.last_media = begin
        self._scaler = scaler
        self._begin = begin
        self._clock = clock
        self._clip: Clip | None = None

    def next(self, decode: Decode) -> YuvPicture | None:
        """The next picture; None at the end. Raises UploadRefused where there is none at all."""
        if self.opened.upload.kind is UploadKind.CLIP:
            picture = self._opened_clip().next(decode)
        elif self.pictures == 0:
            picture = still(self.opened.content, 0.0, self._scaler)
        else:
            picture = None
        if picture is not None:
            self.pictures += 1
            picture.media += self._begin
            self.last_media = picture.media
        return picture

    def _opened_clip(self) -> Clip:
        if self._clip is None:
            self._clip = Clip(self.opened.file, self.opened.upload.name, self._clock)
        return self._clip

    def close(self) -> None:
        if self._clip is not None:
            self._clip.close()
        self.opened.file.close()
