"""Asks one ONVIF camera: login, its clock, refusals in words."""

import secrets
from collections.abc import Callable, Mapping

from embereye.ingest.onvif_digest import Digest, digest_of
from embereye.ingest.onvif_http import Allowance, Answer, exchange
from embereye.ingest.onvif_soap import Fault, Part, answer_of, envelope, username_token
from embereye.ingest.onvif_xml import Node
from embereye.ingest.url import Login, Url
from embereye.model.errors import (
    CameraRefused,
    CameraUnreachable,
    CameraUnsupported,
    EmberEyeError,
)
from embereye.runtime.clock import Clock

_KINDS = {"Content-Type": "application/soap+xml; charset=utf-8"}  # SOAP 1.2 part 2, section 7.1.4
_SOAP_STATUSES = frozenset((200, 400, 401, 403, 500))  # may carry a fault that says more


class OnvifFault(CameraUnsupported):
    """The camera understood and does not do it. `code` is a word such as "ActionNotSupported"."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Dialog:
    """Requests to one camera. Used by one thread at a time.

    WS-UsernameToken is tried first, HTTP digest when the camera asks for it, and what worked is
    kept. After a refused login nothing more is asked: cameras lock accounts after a few attempts.

    Attributes:
        offset: Seconds that the camera's clock is ahead; tokens carry its time.
        peer: Numeric address it answered from; "" before.
        accepted: Whether it answered something that needs the login.
    """

    def __init__(
        self, url: Url, login: Login | None, clock: Clock, cancelled: Callable[[], bool]
    ) -> None:
        self.url = url
        self.offset = 0.0
        self.peer = ""
        self._login = login
        self._clock = clock
        self._cancelled = cancelled
        self._digest: Digest | None = None
        self.accepted = False  # the login, at least once
        self._refusal = ""

    @property
    def place(self) -> str:
        return self.url.place

    def allowance(self, seconds: float) -> Allowance:
        """From now on."""
        return Allowance(self._clock, self._clock.mono() + seconds, self._cancelled)

    def ask(
        self, target: Url, service: str, body: Part, allowance: Allowance, open_: bool = False
    ) -> Node:
        """The answer to `body`. `open_`: one that the camera answers without a login.

        Raises:
            CameraUnreachable, CameraRefused, CameraUnsupported: with what to do; free of secrets.
            OnvifFault: the camera says no.
        """
        if self._refusal and not open_:
            raise CameraRefused(self._refusal)
        answer = self._sent(target, service, body, allowance, open_)
        self.peer = answer.peer
        found = self._understood(answer, f"{body.name}Response")
        if isinstance(found, Node):
            self.accepted = self.accepted or not open_
            return found
        if found.unauthorized:
            raise self._refused(body.name, open_)
        code = found.code or "no reason"
        raise OnvifFault(f"The camera at {self.place} refuses {body.name} ({code}).", found.code)

    def _sent(
        self, target: Url, service: str, body: Part, allowance: Allowance, open_: bool
    ) -> Answer:
        token = "" if open_ or self._digest is not None else self._token()
        content = envelope(service, body, token)
        answer = exchange(target, self._headers(target), content, allowance)
        if answer.status != 401 or self._login is None:
            return answer
        digest = digest_of(answer.challenges)  # also for a nonce that has expired
        if digest is None:
            self._check_basic(answer)
            return answer
        self._digest = digest
        return exchange(target, self._headers(target), envelope(service, body), allowance)

    def _token(self) -> str:
        if self._login is None:
            return ""
        utc = self._clock.now().utc + self.offset
        return username_token(self._login, secrets.token_bytes(16), utc)

    def _headers(self, target: Url) -> Mapping[str, str]:
        if self._digest is None or self._login is None:
            return _KINDS
        header = self._digest.header(self._login, target.target, secrets.token_hex(8))
        return {**_KINDS, "Authorization": header}

    def _check_basic(self, answer: Answer) -> None:
        if any(text.strip().lower().startswith("basic") for text in answer.challenges):
            raise CameraUnsupported(
                f"{self.place} asks for the password in the open. Switch digest authentication on "
                "in the camera."
            )

    def _understood(self, answer: Answer, name: str) -> Node | Fault:
        if answer.status not in _SOAP_STATUSES:
            raise _verdict(answer.status, self.place)
        try:
            return answer_of(answer.body, name)
        except CameraUnsupported as failure:
            if answer.status in (401, 403):
                return Fault("NotAuthorized", unauthorized=True)
            if answer.status in (400, 500):  # how old cameras say that they do not know it
                text = f"{self.place} answers with an error ({answer.status}). Check the camera."
                raise OnvifFault(text, "") from None
            raise CameraUnsupported(f"{self.place}: {failure}") from None

    def _refused(self, operation: str, open_: bool) -> CameraRefused:
        if self._login is None:
            text = f"The camera at {self.place} asks for a user name and password. Enter them."
        elif self.accepted:
            return CameraRefused(
                f"The camera at {self.place} does not let this user do {operation}. Check the "
                "password, or give the user more rights in the camera."
            )
        else:
            text = (
                f"The camera at {self.place} rejects the user name or password. Enter them again."
            )
        if not open_ or self._digest is not None:
            self._refusal = text
        return CameraRefused(text)


def _verdict(status: int, place: str) -> EmberEyeError:
    if status in (404, 405):
        return CameraUnsupported(
            f"{place} answers, but has no ONVIF service at this path. Switch ONVIF on in the "
            "camera, and check the port."
        )
    if 300 <= status < 400:
        return CameraUnsupported(f"{place} sends the caller elsewhere. Enter that address instead.")
    if status == 503:  # RFC 9110 section 15.6.4: for the moment
        return CameraUnreachable(f"{place} is busy (503). Try again in a minute.")
    return CameraUnsupported(f"{place} answers with an error ({status}). Check the camera.")
