"""SOAP envelopes to and from an ONVIF camera. Pure."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from embereye.ingest.onvif_xml import Node, parse
from embereye.ingest.url import Login
from embereye.model.errors import CameraUnsupported

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_TYPES = "http://www.onvif.org/ver10/schema"
# Source: OASIS Web Services Security UsernameToken Profile 1.0, section 3.1
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_SECRET_TYPE = f"{_WSS}-username-token-profile-1.0#PasswordDigest"
_NONCE_TYPE = f"{_WSS}-soap-message-security-1.0#Base64Binary"
# Source: ONVIF Core Specification, section 5.8.2 (ter:NotAuthorized), WS-Security 1.1 section 12
_REFUSALS = frozenset(
    (
        "NotAuthorized",
        "FailedAuthentication",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "FailedCheck",
        "SecurityTokenUnavailable",
        "AuthorityFailure",
    )
)
_CODE = re.compile(r"[A-Za-z0-9]{1,60}\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a request in its service's name space, or in the types' one."""

    name: str
    content: "str | tuple[Part, ...]" = ""
    attributes: tuple[tuple[str, str], ...] = ()
    is_type: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal in SOAP.

    Attributes:
        code: Innermost code that is a word, such as "ActionNotSupported"; never free text.
    """

    code: str
    unauthorized: bool


def envelope(service: str, body: Part, security: str = "") -> bytes:
    """A SOAP 1.2 request."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_SOAP}" xmlns:q="{service}"'
        f' xmlns:tt="{_TYPES}"><s:Header>{security}</s:Header><s:Body>{_text(body)}</s:Body>'
        "</s:Envelope>"
    )
    return text.encode()


def username_token(login: Login, nonce: bytes, utc: float) -> str:
    """WS-UsernameToken with a digest; the password itself is not in it.

    Args:
        nonce: 16 random bytes, new for each message.
        utc: The camera's time; it refuses messages that are minutes old.
    """
    created = datetime.fromtimestamp(utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # The standard's own formula: Base64(SHA-1(nonce + created + password)).
    digest = hashlib.sha1(nonce + created.encode() + login.password.encode())  # noqa: S324
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_WSS}-wssecurity-secext-1.0.xsd"'
        f' xmlns:u="{_WSS}-wssecurity-utility-1.0.xsd"><w:UsernameToken>'
        f"<w:Username>{escape(login.user)}</w:Username>"
        f'<w:Password Type="{_SECRET_TYPE}">{_base64(digest.digest())}</w:Password>'
        f'<w:Nonce EncodingType="{_NONCE_TYPE}">{_base64(nonce)}</w:Nonce>'
        f"<u:Created>{created}</u:Created></w:UsernameToken></w:Security>"
    )


def answer_of(content: bytes, name: str) -> Node | Fault:
    """What a SOAP answer holds: the element `name`, or a fault.

    Raises:
        CameraUnsupported: it is no SOAP, or answers something else.
    """
    root = parse(content)
    body = root.find("Body")
    if root.name != "Envelope" or body is None:
        raise CameraUnsupported("The camera's answer is no SOAP.")
    if (fault := body.find("Fault")) is not None:
        return _fault(fault)
    if (answer := body.find(name)) is None:
        raise CameraUnsupported("The camera answers something that was not asked.")
    return answer


def _fault(fault: Node) -> Fault:
    """SOAP 1.2 has nested Code/Subcode/Value, SOAP 1.1 one faultcode."""
    codes = [node.content.rpartition(":")[2] for node in fault.deep("Value")]
    codes += [node.content.rpartition(":")[2] for node in fault.deep("faultcode")]
    codes = [code for code in codes if _CODE.match(code)]
    # Some say it in words only: "Sender not authorized".
    reason = " ".join(node.content[:200].lower() for node in fault.deep("Text"))
    refused = not _REFUSALS.isdisjoint(codes) or "not authorized" in reason
    return Fault(codes[-1] if codes else "", refused)


def _text(part: Part) -> str:
    prefix = "tt" if part.is_type else "q"
    inner = (
        escape(part.content) if isinstance(part.content, str) else "".join(map(_text, part.content))
    )
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in part.attributes)
    return f"<{prefix}:{part.name}{attributes}>{inner}</{prefix}:{part.name}>"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
