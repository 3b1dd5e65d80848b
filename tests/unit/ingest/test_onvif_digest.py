"""HTTP digest for ONVIF."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.onvif_digest import digest_of
from embereye.ingest.source import Login

_LOGIN = Login('o"k\r\nX: y', "canary")


@pytest.mark.parametrize(
    "challenge",
    [
        'Basic realm="x"',
        'Digest realm="x"',  # no nonce
        'Digest realm="x", nonce="1", algorithm=SHA-512-256',
        'Digest realm="x", nonce="1", qop="auth-int"',
        'Digest realm="a\\"b", nonce="1"',
        'Digest realm="x", nonce="1\r\nX: y"',
        "",
    ],
)
def test_what_cannot_be_answered_safely_is_not(challenge: str) -> None:
    assert digest_of([challenge]) is None


def test_the_stronger_challenge_is_answered() -> None:
    weak, strong = (f'Digest realm="x", nonce="{a}", algorithm={a}' for a in ("MD5", "SHA-256"))
    digest = digest_of([strong, weak])
    assert digest is not None
    assert 'nonce="SHA-256"' in digest.header(_LOGIN, "/", "c")


def test_each_request_is_counted() -> None:
    digest = digest_of(['Digest realm="x", nonce="n", qop="auth,auth-int"'])
    assert digest is not None
    counts = [re.search(r"nc=(\w+)", digest.header(_LOGIN, "/", "c")) for _ in range(2)]
    assert [count[1] for count in counts if count] == ["00000001", "00000002"]


@given(st.text(max_size=80), st.text(max_size=20))
@settings(deadline=None)
def test_no_challenge_puts_lines_or_the_password_into_a_header(text: str, realm: str) -> None:
    challenges = [f"Digest {text}", f'Digest realm="{realm}", nonce="n{text}", qop=auth']
    digest = digest_of(challenges)
    if digest is not None:
        header = digest.header(_LOGIN, "/onvif", "c")
        assert header.isprintable()
        assert "canary" not in header
