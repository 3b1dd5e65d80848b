"""What cameras send is read safely or refused."""

import base64
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from embereye.ingest.onvif_facts import maker_of, services_of, streams_of, time_of
from embereye.ingest.onvif_ptz_facts import abilities_of, presets_of
from embereye.ingest.onvif_soap import (
    DEVICE,
    Fault,
    Part,
    answer_of,
    envelope,
    username_token,
)
from embereye.ingest.onvif_xml import LARGEST, Node, as_number, parse, readable
from embereye.ingest.url import Login
from embereye.model.errors import CameraUnsupported

_LAUGHS = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">'
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{_LAUGHS}]><x>&i;</x>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "<!DOCTYPE x><x/>",
    ],
)
def test_document_types_are_refused_at_once(text: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(CameraUnsupported, match="document type"):
        parse(text.encode())
    assert time.perf_counter() - begin < 0.5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<a>" * 65 + b"</a>" * 65, "too many elements"),
        (b"<r>" + b"<a/>" * 40_001 + b"</r>", "too many elements"),
        (b"<a>" + b" " * LARGEST + b"</a>", "too large"),
        (b"", "no XML"),
        (b"<a>", "no XML"),
        (b"<a>&unknown;</a>", "no XML"),
        (b"<a>\xff\xfe</a>", "no XML"),
        (b'<?xml version="1.0" encoding="hex"?><a/>', "no XML"),
        (b'<?xml version="1.0" encoding="nowhere"?><a/>', "no XML"),
        (b"<a></a><b/>", "no XML"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(CameraUnsupported, match=words):
        parse(content)


def test_text_in_many_pieces_is_read_in_linear_time() -> None:
    piece = b"x" * 40 + b"<a/>"
    begin = time.perf_counter()
    assert len(parse(b"<r>" + piece * 39_000 + b"</r>").content) == 39_000 * 40
    assert time.perf_counter() - begin < 2.0


def test_name_spaces_do_not_matter() -> None:
    root = parse(b'<a:x xmlns:a="urn:1"><y xmlns="urn:2" a:token=" 7">  1 <!-- c -->2 </y></a:x>')
    assert (root.name, root.raw("y"), root.children[0].token) == ("x", "1 2", " 7")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-3e2", -300.0),
        ("nan", None),
        ("inf", None),
        ("1_0", None),
        ("٣", None),
        ("", None),
        ("9" * 50, None),
    ],
)
def test_numbers_are_finite_and_plain(text: str, value: float | None) -> None:
    assert as_number(text) == value


def test_texts_for_people_are_one_printable_line() -> None:
    assert readable("a\n\x1b[31m b\u202e" + "c" * 500) == ("a [31m b" + "c" * 500)[:120]


def test_faults_tell_their_innermost_code() -> None:
    body = (
        b"<Envelope><Body><Fault><Code><Value>s:Sender</Value><Subcode><Value>ter:NotAuthorized"
        b"</Value></Subcode></Code></Fault></Body></Envelope>"
    )
    assert answer_of(body, "X") == Fault("NotAuthorized", unauthorized=True)
    old = (
        b"<Envelope><Body><Fault><faultcode>ter:ActionNotSupported; rm -rf</faultcode></Fault>"
        b"</Body></Envelope>"
    )
    assert answer_of(old, "X") == Fault("", unauthorized=False)


def test_requests_escape_what_they_carry() -> None:
    content = envelope(
        DEVICE,
        Part("SetPreset", (Part("PresetName", '<&">'), Part("Z", "", (("space", '"<'),)))),
    )
    order = parse(content).find("Body", "SetPreset")
    assert order is not None
    assert order.raw("PresetName") == '<&">'
    assert order.children[1].attributes == {"space": '"<'}


def test_the_token_follows_the_standards_formula() -> None:
    """Source: ONVIF Application Programmer's Guide 1.0, section 6.1.1.3, has these values."""
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    token = username_token(Login("user", "userpassword"), nonce, 1284623445.0)
    assert "2010-09-16T07:50:45Z" in token
    assert "tuOSpGlFlIXsozq4HFNeeGeFLEI=" in token
    assert "userpassword" not in token


_words = st.text(max_size=12)
_LEAVES = ("Min", "URI", "Width", "Hour", "Value", "Uri")
_BRANCHES = (
    *("Profiles", "VideoEncoder", "Configurations", "Resolution", "RateControl", "PTZ"),
    *("SupportedPTZSpaces", "ContinuousZoomVelocitySpace", "XRange", "Service", "Preset"),
    *("SystemDateAndTime", "UTCDateTime", "Date", "Time", "Fault", "Capabilities"),
)
_tokens = st.dictionaries(st.just("token"), _words, max_size=1)
_trees = st.recursive(
    st.builds(Node, st.sampled_from(_LEAVES), st.just({}), st.just([]), _words),
    lambda inner: st.builds(
        Node, st.sampled_from(_BRANCHES), _tokens, st.lists(inner, max_size=5), _words
    ),
    max_leaves=30,
)


@given(_trees)
@settings(deadline=None)
def test_any_tree_gives_facts(tree: Node) -> None:
    maker_of(tree)
    time_of(tree, 0.0, 1.0)
    services_of(tree)
    presets_of(tree)
    for stream in streams_of(tree):
        assert 0 <= stream.width <= 16_384
        assert stream.name.isprintable()
    space = abilities_of(tree).zoom_velocity
    assert space is None or space.x.low < space.x.high


@given(st.binary(max_size=200))
@example(b"<Envelope/>")
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        answer_of(content, "XResponse")
    except CameraUnsupported:
        return


@given(st.text(alphabet="<>/&;!?[]abEnvelopBdy =\"'", max_size=120))
@settings(deadline=None)
def test_any_almost_xml_is_read_or_refused(text: str) -> None:
    try:
        parse(text.encode())
    except CameraUnsupported:
        return
