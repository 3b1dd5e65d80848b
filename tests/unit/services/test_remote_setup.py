"""The address of a detector on another machine is checked before anything is sent there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.config.vision_options import RemoteDetector
from embereye.model.errors import ConfigError
from embereye.model.ids import CameraId
from embereye.services.remote_setup import endpoint_of, remote_setup, warning_of


def _section(url: str, **changes: object) -> RemoteDetector:
    return RemoteDetector(enabled=True, url=url, **changes)


@pytest.mark.parametrize(
    ("url", "place", "base"),
    [
        ("http://127.0.0.1:8090", "127.0.0.1:8090", ""),
        ("http://ai-host:8090/", "ai-host:8090", ""),
        ("https://ai-host/vision/", "ai-host:443", "/vision"),
        ("http://ai-host:8090/detect", "ai-host:8090", ""),
        ("HTTP://AI-Host:8090/Vision/detect/", "ai-host:8090", "/Vision"),
        ("http://[::1]:8090", "[::1]:8090", ""),
    ],
)
def test_an_address_with_or_without_detect_names_the_same(url, place, base):
    endpoint = endpoint_of(_section(url))
    assert (endpoint.place, endpoint.base) == (place, base)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ai-host:8090",
        "ftp://ai-host",
        "rtsp://ai-host/1",
        "file:///etc/passwd",
        "http://",
        "http://ai-host:99999",
        "http://ai-host/?key=s3cret-42",
        "http://user:s3cret-42@ai-host",
        "http://ai host/",
        "http://ai-host/\r\nX-Evil: 1",
        "http://127.1/",
        "http://2130706433/",
    ],
)
def test_a_wrong_address_is_refused_without_repeating_secrets(url):
    with pytest.raises(ConfigError) as error:
        endpoint_of(_section(url))
    assert "s3cret-42" not in str(error.value)
    assert str(error.value).endswith(".")


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_an_address_or_refused(text):
    for url in (text, f"http://{text}"):
        setup = remote_setup(_section(url[:500]), ())
        assert (setup.endpoint is None) == bool(setup.problem)


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://127.0.0.1:8090", False),
        ("http://127.9.9.9:8090", False),
        ("http://[::1]:8090", False),
        ("http://localhost:8090", False),
        ("https://10.1.2.3:8090", False),
        ("http://10.1.2.3:8090", True),
        ("http://ai-host:8090", True),
    ],
)
def test_plain_http_to_another_machine_is_warned_of_and_refused_by_policy(url, warned):
    assert bool(warning_of(_section(url))) is warned
    refused = bool(remote_setup(_section(url, require_https=True), ()).problem)
    assert refused is warned


def test_what_is_switched_off_has_no_endpoint_and_no_cameras():
    setup = remote_setup(RemoteDetector(url="nonsense"), [CameraId("yard")])
    assert (setup.endpoint, setup.problem, setup.cameras) == (None, "", frozenset())
