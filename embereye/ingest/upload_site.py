"""What the upload folders of a site share, and what they report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embereye.ingest.folder_watch import FolderWatch
from embereye.ingest.upload_file import Refusal, Upload
from embereye.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class UploadTaken:
    """An upload was shown and examined. `at`: when it was done."""

    camera: str
    upload: Upload
    pictures: int
    at: Stamp


@dataclass(frozen=True, slots=True)
class UploadCounts:
    """What one upload camera did since it was opened first; replaced as a whole.

    Attributes:
        taken: Files.
        pictures: Of these files.
        duplicates: Files whose content was taken lately.
        unsettled: Times that a file still changed after 10 s and was left for later.
        unexamined: Pictures that detection did not take within 5 s.
        waiting: Files that are complete or still being written.
        refused: Files refused, by reason.
        last_refused: The name of the last one, and why, in words.
    """

    camera: str
    taken: int = 0
    pictures: int = 0
    duplicates: int = 0
    unsettled: int = 0
    unexamined: int = 0
    waiting: int = 0
    refused: Mapping[Refusal, int] = field(default_factory=dict)
    last_refused: str = ""


@dataclass(frozen=True, slots=True)
class UploadSite:
    """What all upload folders of a site share.

    Attributes:
        root: Holds one folder for each camera.
        memory: Folder for what was taken, one small file for each camera.
        watch: Tells of changes; None: folders are polled.
        poll_interval: s between two looks at a polled folder.
        duplicates: s in which the same content is taken once; files that are older than that when
            the program starts are not taken.
        largest: Bytes of one file.
        examined: Whether detection took the last picture of a camera (id).
        hurry: Asks detection to look at a camera (id) with the full rate for some 10 s.
        post: Takes `UploadTaken` and `UploadCounts`; called in the camera's thread.
    """

    root: Path
    memory: Path
    watch: FolderWatch | None = None
    poll_interval: float = 1.0
    duplicates: float = 300.0
    largest: int = 200_000_000
    examined: Callable[[str], bool] = lambda _camera: True
    hurry: Callable[[str], None] = lambda _camera: None
    post: Callable[[object], None] = lambda _message: None
