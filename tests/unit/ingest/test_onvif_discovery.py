"""Cameras are found in the network."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from camera_parts import SERVERS
from hypothesis import given, settings
from hypothesis import strategies as st
from onvif_parts import simulator

from embereye.ingest.onvif_discovery import (
    FoundCamera,
    cameras_of,
    discover,
    local_addresses,
    probe,
)
from embereye.model.errors import CameraUnreachable
from embereye.runtime.clock import SystemClock

_LOOPBACK = ("127.0.0.1",)


def test_a_camera_is_found_among_noise_and_strangers() -> None:
    seen: list[FoundCamera] = []
    with simulator() as camera:
        found = discover(
            SystemClock(), 1.3, _LOOPBACK, on_found=seen.append,
            target=("127.0.0.1", camera.discovery),
        )  # fmt: skip
        expected = FoundCamera(
            address=f"http://127.0.0.1:{camera.port}/onvif/device_service",
            host="127.0.0.1",
            id="urn:uuid:cafe",
            name="Yard North",
            hardware="Sim",
            location="hall 7",
        )
    assert found == (expected,)
    assert seen == [expected]


def test_another_host_is_flagged_and_not_used() -> None:
    with simulator("--told", "192.0.2.99") as camera:
        (found,) = discover(SystemClock(), 0.5, _LOOPBACK, target=("127.0.0.1", camera.discovery))
    assert found.address == "http://127.0.0.1/onvif/device_service"
    assert found.elsewhere == "192.0.2.99"


def test_it_ends_in_time_and_when_cancelled() -> None:
    begin = time.monotonic()
    assert discover(SystemClock(), 0.4, _LOOPBACK, target=("127.0.0.1", 9)) == ()
    assert time.monotonic() - begin < 3.0
    begin = time.monotonic()
    discover(SystemClock(), 30.0, _LOOPBACK, lambda: True, target=("127.0.0.1", 9))
    assert time.monotonic() - begin < 3.0


def test_without_a_network_it_says_so() -> None:
    with pytest.raises(CameraUnreachable, match="No network"):
        discover(SystemClock(), 1.0, ("192.0.2.77",))


def test_loopback_is_no_network() -> None:
    assert not any(address.startswith("127.") for address in local_addresses())


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_datagram_is_harmless(content: bytes) -> None:
    assert cameras_of(content, "10.0.0.1", ["a-b"]) == []


@given(xaddrs=st.text(max_size=60), scopes=st.text(max_size=60))
@settings(deadline=None)
def test_an_address_is_always_the_senders(xaddrs: str, scopes: str) -> None:
    def clean(text: str) -> str:
        return "".join(sign for sign in text if sign.isalnum() or sign in " /:@.%[]?#-_")

    content = (
        "<Envelope><Header><RelatesTo>urn:uuid:a-b</RelatesTo></Header><Body><ProbeMatches>"
        f"<ProbeMatch><XAddrs>http://{clean(xaddrs)} {clean(xaddrs)}</XAddrs>"
        f"<Scopes>onvif://www.onvif.org/name/{clean(scopes)}</Scopes></ProbeMatch>"
        "</ProbeMatches></Body></Envelope>"
    )
    (camera,) = cameras_of(content.encode(), "10.0.0.1", ["a-b"])
    assert camera.address.startswith("http")
    assert camera.address.partition("://")[2].partition("/")[0].partition(":")[0] == "10.0.0.1"
    assert camera.name.isprintable()


def test_probes_name_what_they_look_for() -> None:
    assert b"dn:NetworkVideoTransmitter" in probe("x", "dn:NetworkVideoTransmitter")


_NETWORK = """
set -e
ip link set lo up
unshare -n sleep 60 & far=$!
while [ "$(readlink /proc/$far/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
ip link add name near type veth peer name far netns $far
ip addr add 10.9.0.1/24 dev near
ip link set near up
nsenter -t $far -n sh -c 'ip link set lo up; ip addr add 10.9.0.2/24 dev far; ip link set far up'
mkfifo "$2/ready"
sleep 60 | nsenter -t $far -n "$0" "$1" --bind 10.9.0.2 --group > "$2/ready" & camera=$!
exec 3< "$2/ready"
read -r line <&3
"$0" -m embereye cameras discover --json --seconds 2
"""


def test_a_camera_in_another_network_namespace_answers_multicast(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux") or not shutil.which("unshare"):
        pytest.skip("needs Linux network namespaces")
    # A process namespace of its own ends everything in it together with the shell.
    walls = ["unshare", "-Urn", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*walls, "ip", "link", "add", "name", "near", "type", "veth"], check=False,
                      capture_output=True, timeout=10).returncode:  # fmt: skip
        pytest.skip("this system allows no network namespaces with virtual links")
    command = [*walls, "sh", "-c", _NETWORK, sys.executable]
    done = subprocess.run(
        [*command, str(SERVERS / "onvif_simulator.py"), str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "EMBEREYE_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (camera,) = json.loads(done.stdout)["cameras"]
    assert camera["host"] == "10.9.0.2"
    assert camera["name"] == "Yard North"
