"""An ONVIF camera for tests, a process of its own; checks logins and moves for real.

Usage: python onvif_simulator.py [options]. Prints {"port": N, "discovery": M}; ends when standard
input closes. Each line there is a fault ("ok" ends it), answered with {"fault": WORD}; "state" is
answered with what it counted and where it points.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import secrets
import socket
import ssl
import struct
import sys
import threading
import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

SOAP = "http://www.w3.org/2003/05/soap-envelope"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
SPACES = "http://www.onvif.org/ver10/tptz"
GROUP = "239.255.255.250"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {n} "{f"&{m};" * 10}">' for m, n in zip("abcdefgh", "bcdefghi"))  # noqa: B905
    + f']><s:Envelope xmlns:s="{SOAP}"><s:Body>&i;</s:Body></s:Envelope>'
)
ENDLESS = ("huge", "drip", "headers", "silent", "noise", "lie", "continue")
TOKENS = ("token", "addresses", "all")  # everything but the clock; addresses only; everything
PROFILES = (  # token, codec, width, height, fps
    ("sub", "H264", 640, 360, 15),
    ("main", "H264", 1920, 1080, 25),
    ("jpeg", "JPEG", 320, 240, 5),
)


class State:
    """What the camera is and did."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.port = 0
        self.fault = "ok"
        self.offset = args.offset
        self.requests: list[str] = []
        self.refused = 0
        self.pan = self.tilt = self.zoom = 0.0
        self.speed = (0.0, 0.0, 0.0)
        self.until = self.moved = time.monotonic()
        self.presets: dict[str, tuple[str, float, float, float]] = {"1": ("Gate", 0.5, -0.5, 0.0)}
        self.nonces: set[str] = set()
        self.lock = threading.Lock()
        self.http_nonce = secrets.token_hex(8)

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    def turn(self) -> None:
        """Carry the movement on until now, or until its time-out."""
        span = max(0.0, min(time.monotonic(), self.until) - self.moved)
        self.pan += self.speed[0] * span
        self.tilt += self.speed[1] * span
        self.zoom += self.speed[2] * span
        self.moved = time.monotonic()
        if self.moved >= self.until:
            self.speed = (0.0, 0.0, 0.0)

    def told(self) -> dict[str, object]:
        self.turn()
        return {
            "requests": self.requests, "refused": self.refused, "speed": list(self.speed),
            "pan": self.pan, "tilt": self.tilt, "zoom": self.zoom,
            "presets": {token: preset[0] for token, preset in self.presets.items()},
        }  # fmt: skip


class Camera(BaseHTTPRequestHandler):
    """One connection."""

    state: State
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        state = self.state
        if state.fault != "ok" and self._misbehave(state.fault):
            return
        envelope = ET.fromstring(body)
        request = envelope.find(f"{{{SOAP}}}Body")[0]  # type: ignore[index]
        name = request.tag.rpartition("}")[2]
        with state.lock:
            state.requests.append(name)
            if not self._admitted(name, envelope):
                state.refused += 1
                self._refuse()
                return
            answer = self._answer(name, request)
        if answer is None:
            self._send(400, fault("s:Sender", "ter:ActionNotSupported", "Optional action"))
            return
        space = re.match(r"\{(.*)\}", request.tag)[1]  # type: ignore[index]
        self._send(200, wrap(f'<{name}Response xmlns="{space}">{answer}</{name}Response>'))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        return

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    # logins

    def _admitted(self, name: str, envelope: ET.Element) -> bool:
        args = self.state.args
        if args.auth == "none" or (name == "GetSystemDateAndTime" and args.auth in TOKENS[:2]):
            return True
        if args.auth == "addresses" and not name.endswith("Uri"):
            return True
        return self._token(envelope) if args.auth in TOKENS else self._digest()

    def _token(self, envelope: ET.Element) -> bool:
        values = {e.tag.rpartition("}")[2]: (e.text or "") for e in envelope.iter()}
        nonce, created = values.get("Nonce", ""), values.get("Created", "")
        if not nonce or nonce in self.state.nonces:
            return False
        self.state.nonces.add(nonce)
        content = base64.b64decode(nonce) + (created + self.state.args.password).encode()
        expected = base64.b64encode(hashlib.sha1(content).digest()).decode()
        age = abs((self.state.now() - datetime.fromisoformat(created)).total_seconds())
        own = values.get("Username") == self.state.args.user
        return own and values.get("Password") == expected and age < 30

    def _digest(self) -> bool:
        values = dict(re.findall(r'(\w+)="?([^",]*)"?', self.headers.get("Authorization", "")))
        args, state = self.state.args, self.state
        if values.get("nonce") != state.http_nonce or values.get("uri") != self.path:
            return False
        algorithm = hashlib.sha256 if args.algorithm == "SHA-256" else hashlib.md5
        secret = algorithm(f"{args.user}:cam era:{args.password}".encode()).hexdigest()
        request = algorithm(f"POST:{self.path}".encode()).hexdigest()
        between = f"{values.get('nc')}:{values.get('cnonce')}:auth"
        text = f"{secret}:{state.http_nonce}:{between}:{request}"
        own = values.get("username") == args.user
        return own and values.get("response") == algorithm(text.encode()).hexdigest()

    def _refuse(self) -> None:
        body = fault("s:Sender", "ter:NotAuthorized", "Sender not Authorized")
        args = self.state.args
        if args.auth in TOKENS:
            self._send(400, body)
        elif args.auth == "basic":
            self._send(401, b"", WWW_Authenticate='Basic realm="camera"')
        else:
            challenge = f'Digest realm="cam era", qop="auth", nonce="{self.state.http_nonce}"'
            self._send(401, b"", WWW_Authenticate=f"{challenge}, algorithm={args.algorithm}")

    # answers

    def _answer(self, name: str, request: ET.Element) -> str | None:
        space = request.tag[1:].partition("}")[0]
        values = {e.tag.rpartition("}")[2]: (e.text or "") for e in request.iter()}
        if space in (MEDIA, MEDIA2):
            if name == "GetProfiles":
                return self._profiles(space)
            return self._uri(name, space, values["ProfileToken"])
        if space == PTZ:
            return None if self.state.args.no_ptz else self._ptz(name, request, values)
        return self._device(name)

    def _device(self, name: str) -> str | None:
        args = self.state.args
        base = f"http://{args.told or args.bind}:{args.told_port or self.state.port}/onvif"
        services = {DEVICE: "device_service", MEDIA: "media"}
        services |= {} if args.no_ptz else {PTZ: "ptz"}
        services |= {MEDIA2: "media2"} if args.media2 else {}
        if name == "GetSystemDateAndTime":
            return clock_text(self.state.now())
        if name == "GetDeviceInformation":
            return (
                "<Manufacturer>Ember Works</Manufacturer><Model>Sim &lt;1&gt;\n</Model>"
                "<FirmwareVersion>1.0</FirmwareVersion><SerialNumber>00626E4E5F5F</SerialNumber>"
                "<HardwareId>1</HardwareId>"
            )
        if name == "GetServices" and not args.old:
            return "".join(
                f"<Service><Namespace>{space}</Namespace><XAddr>{base}/{path}</XAddr></Service>"
                for space, path in services.items()
            )
        if name == "GetCapabilities":
            return (
                f"<Capabilities><Media><XAddr>{base}/media</XAddr></Media>"
                f"<PTZ><XAddr>{base}/ptz</XAddr></PTZ></Capabilities>"
            )
        return None

    def _profiles(self, space: str) -> str:
        ptz = '<{0} token="ptz0"><NodeToken>node0</NodeToken></{0}>'
        text = ""
        for token, codec, width, height, fps in PROFILES:
            new = space == MEDIA2
            codec = "H265" if new and token == "main" else codec
            tags = ("VideoSource", "VideoEncoder", "PTZ")
            source, video, move = tags if new else tuple(f"{tag}Configuration" for tag in tags)
            text += (
                f'<Profiles token="{token}" fixed="true"><Name>{token} stream</Name>'
                f"{'<Configurations>' if new else ''}"
                f'<{source} token="v"><SourceToken>lens0</SourceToken></{source}>'
                f'<{video} token="e-{token}"><Encoding>{codec}</Encoding>'
                f"<Resolution><Width>{width}</Width><Height>{height}</Height></Resolution>"
                f"<RateControl><FrameRateLimit>{fps}</FrameRateLimit>"
                f"<EncodingInterval>1</EncodingInterval><BitrateLimit>2048</BitrateLimit>"
                f"</RateControl></{video}>{ptz.format(move)}"
                f"{'</Configurations>' if new else ''}</Profiles>"
            )
        return text

    def _uri(self, name: str, space: str, token: str) -> str | None:
        args = self.state.args
        host = args.told or args.bind
        if name == "GetStreamUri":
            told = args.stream or f"rtsp://{host}:554/live/{token}?a=1&amp;b=2"
        elif name == "GetSnapshotUri" and token != "sub":
            told = f"http://{host}/snap/{token}.jpg"
        else:
            return None
        uri = f"<Uri>{told}</Uri>"
        return uri if space == MEDIA2 else f"<MediaUri>{uri}</MediaUri>"

    def _ptz(self, name: str, request: ET.Element, values: dict[str, str]) -> str | None:
        state = self.state
        state.turn()
        if name == "GetConfiguration" and not state.args.old:
            return '<PTZConfiguration token="ptz0"><NodeToken>node0</NodeToken></PTZConfiguration>'
        if name in ("GetNode", "GetNodes"):
            return node_text(state.args.no_fov)
        if name == "GetPresets":
            return "".join(
                f'<Preset token="{token}"><Name>{escape(preset[0])}</Name></Preset>'
                for token, preset in state.presets.items()
            )
        if name == "SetPreset":
            token = values.get("PresetToken") or str(len(state.presets) + 1)
            state.presets[token] = (values["PresetName"], state.pan, state.tilt, state.zoom)
            return f"<PresetToken>{token}</PresetToken>"
        if name == "RemovePreset":
            return "" if state.presets.pop(values["PresetToken"], None) else None
        return self._moved(name, request, values)

    def _moved(self, name: str, request: ET.Element, values: dict[str, str]) -> str | None:
        state = self.state
        pan, tilt, zoom, fov = vector(request)
        if name == "ContinuousMove":
            seconds = float(re.match(r"PT([\d.]+)S", values["Timeout"])[1])  # type: ignore[index]
            state.speed, state.until = (pan, tilt, zoom), time.monotonic() + seconds
        elif name == "Stop":
            state.speed = (0.0, 0.0, 0.0)
        elif name == "RelativeMove":
            scale = 0.1 if fov else 1.0  # half a picture is a tenth of the range, declared as ±100
            state.pan += pan * scale / (100 if fov else 1)
            state.tilt += tilt * scale / (100 if fov else 1)
            state.zoom += zoom
        elif name == "AbsoluteMove":
            state.pan, state.tilt, state.zoom = pan, tilt, zoom
        elif name == "GotoHomePosition":
            state.pan = state.tilt = state.zoom = 0.0
        elif name == "GotoPreset":
            if values["PresetToken"] not in state.presets:
                return None
            _, state.pan, state.tilt, state.zoom = state.presets[values["PresetToken"]]
        else:
            return None
        return ""

    # faults

    def _misbehave(self, kind: str) -> bool:
        bodies = {
            "bomb": BOMB.encode(),
            "junk": b"<html><body>Login<br></body>",
            "empty": b"",
            "deep": wrap("<a>" * 5000 + "</a>" * 5000),
            "many": wrap("<a/>" * 200_000),
            "other": wrap("<SomethingElse/>"),
            "encoding": b'<?xml version="1.0" encoding="ebcdic-xy"?><a/>',
            "external": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        }
        statuses = {"redirect": 302, "missing": 404, "broken": 500, "busy": 503}
        if kind in bodies:
            self._send(200, bodies[kind])
        elif kind in statuses:
            self._send(statuses[kind], b"no", Location="http://127.0.0.1:1/")
        elif kind in ENDLESS:
            self._endless(kind)
        else:
            return False
        return True

    def _endless(self, kind: str) -> None:
        self.close_connection = True
        heads = {
            "huge": b"HTTP/1.1 200 OK\r\n\r\n",
            "drip": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<a>",
            "headers": b"HTTP/1.1 200 OK\r\n",
            "silent": b"",
            "noise": b"\x00\xff" * 5000 + b"\r\n",
            "continue": b"",
            "lie": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n<a/>",
        }
        try:
            self.wfile.write(heads[kind])
            if kind == "huge":
                for _ in range(1600):  # 100 MB
                    self.wfile.write(b" " * 65_536)
            elif kind == "continue":
                for _ in range(1600):
                    self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 2600)
            elif kind in ("drip", "headers"):
                for index in range(600):
                    self.wfile.write(b"x" if kind == "drip" else b"X-%d: y\r" % index)
                    time.sleep(0.05)
            elif kind == "silent":
                time.sleep(30)
        except OSError:
            return


def wrap(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP}" '
        f'xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def fault(code: str, subcode: str, reason: str) -> bytes:
    return wrap(
        f"<s:Fault><s:Code><s:Value>{code}</s:Value><s:Subcode><s:Value>{subcode}</s:Value>"
        f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason>'
        "</s:Fault>"
    )


def clock_text(now: datetime) -> str:
    return (
        "<SystemDateAndTime><DateTimeType>NTP</DateTimeType><TimeZone><TZ>CET-1</TZ></TimeZone>"
        f"<UTCDateTime><Time><Hour>{now.hour}</Hour><Minute>{now.minute}</Minute>"
        f"<Second>{now.second}</Second></Time><Date><Year>{now.year}</Year>"
        f"<Month>{now.month}</Month><Day>{now.day}</Day></Date></UTCDateTime></SystemDateAndTime>"
    )


def node_text(no_fov: bool) -> str:
    def space(tag: str, uri: str, edge: float, flat: bool, low: float | None = None) -> str:
        low = -edge if low is None else low
        text = f"<URI>{SPACES}/{uri}</URI><XRange><Min>{low}</Min><Max>{edge}</Max></XRange>"
        text += f"<YRange><Min>{low}</Min><Max>{edge}</Max></YRange>" if flat else ""
        return f"<{tag}>{text}</{tag}>"

    step = "RelativePanTiltTranslationSpace"
    return (
        '<PTZNode token="node0"><SupportedPTZSpaces>'
        + space("AbsolutePanTiltPositionSpace", "PanTiltSpaces/PositionGenericSpace", 1, True)
        + space("AbsoluteZoomPositionSpace", "ZoomSpaces/PositionGenericSpace", 1, False, 0)
        + space(step, "PanTiltSpaces/TranslationGenericSpace", 1, True)
        + ("" if no_fov else space(step, "PanTiltSpaces/TranslationSpaceFov", 100, True))
        + space("RelativeZoomTranslationSpace", "ZoomSpaces/TranslationGenericSpace", 1, False)
        + space("ContinuousPanTiltVelocitySpace", "PanTiltSpaces/VelocityGenericSpace", 1, True)
        + space("ContinuousZoomVelocitySpace", "ZoomSpaces/VelocityGenericSpace", 1, False)
        + "</SupportedPTZSpaces><MaximumNumberOfPresets>64</MaximumNumberOfPresets>"
        "<HomeSupported>true</HomeSupported></PTZNode>"
    )


def vector(request: ET.Element) -> tuple[float, float, float, bool]:
    pan = tilt = zoom = 0.0
    fov = False
    for element in request.iter():
        if element.tag.endswith("}PanTilt") and "x" in element.attrib:
            pan, tilt = float(element.attrib["x"]), float(element.attrib["y"])
            fov = element.attrib["space"].endswith("TranslationSpaceFov")
        elif element.tag.endswith("}Zoom") and "x" in element.attrib:
            zoom = float(element.attrib["x"])
    return pan, tilt, zoom, fov


def answer_probes(ear: socket.socket, state: State) -> None:
    while True:
        content, sender = ear.recvfrom(65_535)
        identity = re.search(rb"MessageID>([^<]+)<", content)
        if identity is None or b"NetworkVideoTransmitter" not in content:
            continue
        for text in matches(state, identity[1].decode()):
            ear.sendto(text, sender)


def matches(state: State, identity: str) -> list[bytes]:
    host = state.args.told or state.args.bind
    good = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header>'
        f"<a:RelatesTo>{identity}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>"
        "<a:EndpointReference><a:Address>urn:uuid:cafe</a:Address></a:EndpointReference>"
        "<d:Scopes>onvif://www.onvif.org/name/Yard%20North onvif://www.onvif.org/hardware/Sim "
        "onvif://www.onvif.org/location/hall%0A7</d:Scopes>"
        f"<d:XAddrs>http://{host}:{state.port}/onvif/device_service http://[fe80::1]/onvif</d:XAddrs>"
        "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
    )
    stranger = good.replace(identity, "uuid:0").replace("Yard", "Stranger")
    return [b"\xff\xfe noise", BOMB.encode(), stranger.encode(), good.encode(), good.encode()]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", default="127.0.0.1")
    logins = ("none", *TOKENS, "digest", "basic")
    parser.add_argument("--auth", choices=logins, default="none", help="what needs a login, how")
    parser.add_argument("--algorithm", choices=("MD5", "SHA-256"), default="MD5")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--offset", type=float, default=0.0)
    parser.add_argument("--told", default="", help="host that it names instead of its own")
    parser.add_argument("--told-port", type=int, default=0)
    parser.add_argument("--stream", default="", help="stream address that it names")
    parser.add_argument("--media2", action="store_true")
    parser.add_argument("--old", action="store_true", help="GetCapabilities and GetNodes only")
    parser.add_argument("--no-ptz", action="store_true")
    parser.add_argument("--no-fov", action="store_true")
    parser.add_argument("--certificate", default="", help="PEM file; then it speaks HTTPS")
    parser.add_argument("--group", action="store_true", help="answer multicast probes")
    return parser.parse_args()


def main() -> None:
    state = State(arguments())
    Camera.state = state
    server = ThreadingHTTPServer((state.args.bind, 0), Camera)
    server.daemon_threads = True
    if state.args.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(state.args.certificate)
        server.socket = context.wrap_socket(server.socket, True, do_handshake_on_connect=False)
    state.port = server.server_port
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if state.args.group:
        ear.bind(("", 3702))
        member = socket.inet_aton(GROUP) + socket.inet_aton(state.args.bind)
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("8s", member))
    else:
        ear.bind((state.args.bind, 0))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=answer_probes, args=(ear, state), daemon=True).start()
    say({"port": state.port, "discovery": ear.getsockname()[1]})
    for line in sys.stdin:
        word = line.strip()
        if word == "state":
            with state.lock:
                say(state.told())
        elif word.startswith("offset "):
            state.offset = float(word.partition(" ")[2])
            say({"fault": word})
        else:
            state.fault = word
            say({"fault": word})
    os._exit(0)


def say(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
