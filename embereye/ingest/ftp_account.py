"""One camera's account on the FTP server."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FtpAccount:
    """`folder` is the camera's folder below the upload root in its normal form."""

    user: str
    folder: str
    password: str = field(repr=False)
