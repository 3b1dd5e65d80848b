"""Asks a WHEP server for a stream and lets go of it again. Source: draft-ietf-wish-whep-03."""

import base64
import contextlib

from embereye.ingest.onvif_http import Allowance, Answer, exchange
from embereye.ingest.url import Login, Url, beside
from embereye.ingest.whep_answer import Checked, check
from embereye.model.errors import CameraRefused, CameraUnreachable, CameraUnsupported, EmberEyeError

BEARER = "bearer"  # this user name says that the password is a token (RFC 6750)
_SDP = "application/sdp"


class Signalling:
    """The HTTP side of one WHEP stream. Lives in one thread."""

    def __init__(self, url: Url) -> None:
        """`url`: whep or wheps."""
        scheme = "https" if url.scheme == "wheps" else "http"
        self._url = Url(scheme, url.host, url.port, url.target)
        self._resource: Url | None = None
        self._headers: dict[str, str] = {}

    def ask(self, offer: str, login: Login | None, allowance: Allowance) -> Checked:
        """Send the offer and take the answer. The login goes to this server and nowhere else.

        Raises:
            CameraUnreachable, CameraRefused, CameraUnsupported: never with the login.
        """
        place = self._url.place
        self._headers = _authorization(login)
        headers = {"Content-Type": _SDP, "Accept": _SDP, **self._headers}
        answer = exchange(self._url, headers, offer.encode(), allowance)
        if answer.status not in (200, 201):
            raise _verdict(answer.status, place, login is not None)
        self._resource = beside(self._url, answer.location) if answer.location else None
        if answer.content != _SDP:
            raise CameraUnsupported(
                f"{place} answers with something that is not a stream. Check the path of the "
                "address, and that it is the one for WHEP."
            )
        return check(answer.body, place, answer.peer)

    def leave(self, allowance: Allowance) -> None:
        """Tell the server that nobody watches any more; what it says to that changes nothing."""
        resource, self._resource = self._resource, None
        if resource is not None:
            with contextlib.suppress(EmberEyeError):
                _: Answer = exchange(resource, self._headers, b"", allowance, "DELETE")


def _authorization(login: Login | None) -> dict[str, str]:
    if login is None:
        return {}
    if login.user.lower() != BEARER:
        both = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
        return {"Authorization": f"Basic {both}"}
    token = login.password
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CameraRefused("The token contains blanks or other characters. Enter it again.")
    return {"Authorization": f"Bearer {token}"}


def _verdict(status: int, place: str, logged_in: bool) -> EmberEyeError:
    if status in (401, 403):
        if logged_in:
            return CameraRefused(
                f"The server at {place} rejects the user name, password or token. Enter it again."
            )
        return CameraRefused(
            f"The server at {place} asks for a password or token. Enter it; "
            f"for a token, the user name is {BEARER}."
        )
    if status == 404:
        return CameraUnreachable(
            f"{place} answers, but has no stream at this path. Check the path of the address."
        )
    if 300 <= status < 400:
        return CameraUnsupported(f"{place} sends the caller elsewhere. Enter that address instead.")
    if status in (405, 406, 415, 501):
        return CameraUnsupported(f"{place} does not speak WHEP at this path. Check the address.")
    return CameraUnreachable(f"{place} answers with an error ({status}). Check the server.")
