"""The FTP server: real uploads, what it refuses, and its limits."""

import contextlib
import ftplib
import io
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import FakeClock
from upload_parts import UploadRig, jpeg

from embereye.config.upload_options import Ftp, Uploads
from embereye.ingest.ftp_account import FtpAccount
from embereye.ingest.ftp_server import FtpUploads
from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import SystemClock

_ACCOUNTS = {
    "gate": FtpAccount("gate", "front_door", "secret 1"),
    "yard": FtpAccount("yard", "yard", "secret 2"),
    "blank": FtpAccount("blank", "blank", ""),
}


class _Site:
    """A running server on any free port."""

    def __init__(self, path: Path, largest: int = 200, **ftp: object) -> None:
        self.root = path / "uploads"
        self.root.mkdir(exist_ok=True)
        section = Ftp.model_validate({"enabled": True, "port": 0, **ftp})
        uploads = Uploads(root=str(self.root), largest_file=largest, ftp=section)
        self.accounts: Mapping[str, FtpAccount] = dict(_ACCOUNTS)
        self.told: list[object] = []
        self.server = FtpUploads(
            uploads, path, lambda: self.accounts, SystemClock(), self.told.append
        )

    def connect(self, user: str = "gate", password: str = "secret 1") -> ftplib.FTP:
        client = ftplib.FTP(timeout=5.0)
        try:
            client.connect("127.0.0.1", self.server.port or 0)
            client.login(user, password)
        except (ftplib.Error, EOFError, OSError):
            client.close()
            raise
        return client


@contextmanager
def _thread(site: _Site) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=site.server.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(3.0)
        assert not thread.is_alive()


@contextmanager
def _running(site: _Site) -> Iterator[_Site]:
    with _thread(site):
        _wait_for(lambda: site.server.port)
        yield site


def _wait_for(what: object, seconds: float = 5.0) -> None:
    pause, end = threading.Event(), SystemClock().mono() + seconds
    while not what():  # type: ignore[operator]
        assert SystemClock().mono() < end
        pause.wait(0.01)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[_Site]:
    with _running(_Site(tmp_path)) as site:
        yield site


def _put(client: ftplib.FTP, name: str, content: bytes) -> str:
    return client.storbinary(f"STOR {name}", io.BytesIO(content))


def test_the_folders_of_all_cameras_are_there_before_they_upload(site: _Site) -> None:
    assert {path.name for path in site.root.iterdir()} == {"front_door", "yard", "blank"}


def test_a_camera_uploads_into_its_own_folder(site: _Site) -> None:
    with site.connect() as client:
        _put(client, "a.jpg", b"x" * 100_000)
    assert (site.root / "front_door" / "a.jpg").read_bytes() == b"x" * 100_000
    _wait_for(lambda: site.server.status.files == 1)
    assert site.server.status.address == f"127.0.0.1:{site.server.port}"


def test_an_upload_by_ftp_becomes_a_picture(site: _Site, tmp_path: Path) -> None:
    rig = UploadRig(tmp_path, FakeClock(utc=SystemClock().now().utc))
    rig.source.open()
    with site.connect() as client:
        client.mkd("FoscamCamera_ R2_1")
        client.cwd("FoscamCamera_ R2_1")
        client.mkd("snap record")
        _put(client, "snap record/MDAlarm_20240308-142501.jpg", jpeg(1))
    assert len(rig.read(6.0)) == 1
    assert rig.taken() == ["MDAlarm_20240308-142501.jpg"]


def test_a_half_written_upload_becomes_a_picture_when_it_is_whole(
    site: _Site, tmp_path: Path
) -> None:
    rig = UploadRig(tmp_path, FakeClock(utc=SystemClock().now().utc))
    rig.source.open()
    content = jpeg(1)
    with site.connect() as client:
        data = client.transfercmd("STOR a.jpg")
        data.sendall(content[: len(content) // 2])
        _wait_for(lambda: (site.root / "front_door" / "a.jpg").exists())
        assert rig.read(1.5) == []
        data.sendall(content[len(content) // 2 :])
        data.close()
        client.voidresp()
    assert len(rig.read(10.0)) == 1


def test_an_upload_under_another_name_is_taken_after_its_renaming(
    site: _Site, tmp_path: Path
) -> None:
    rig = UploadRig(tmp_path, FakeClock(utc=SystemClock().now().utc))
    rig.source.open()
    with site.connect() as client:
        _put(client, "a.jpg.tmp", jpeg(1))
        assert rig.read(5.0) == []
        client.rename("a.jpg.tmp", "a.jpg")
        _put(client, "b.jpg.tmp", jpeg(2))
        with pytest.raises(ftplib.error_perm, match="name that is free"):
            client.rename("b.jpg.tmp", "a.jpg")
    assert len(rig.read(5.0)) == 1


_WRONG_LOGINS = [
    ("gate", "wrong"),
    ("gate", "secret 2"),
    ("gate", "pässword"),
    ("nobody", "secret 1"),
    ("anonymous", "a@b"),
    ("blank", ""),
    ("blank", " "),
    ("GATE", "secret 1"),
    ("../gate", "secret 1"),
    ("gate\x00", "secret 1"),
]


def test_a_wrong_login_is_refused_after_a_pause(tmp_path: Path) -> None:
    with (
        _running(_Site(tmp_path, connections_per_address=20)) as site,
        contextlib.ExitStack() as stack,
    ):
        address = ("127.0.0.1", site.server.port or 0)
        begin, clients = SystemClock().mono(), []
        for user, password in _WRONG_LOGINS:  # at the same time, since each is made to wait
            client = stack.enter_context(socket.create_connection(address, 8.0))
            client.sendall(f"USER {user}\r\nPASS {password}\r\n".encode())
            clients.append(client)
        for client in clients:
            answer = b""
            while b"\r\n" not in answer.partition(b"331")[2].partition(b"\r\n")[2]:
                answer += client.recv(1000)
            assert b"\r\n530" in answer or b"\r\n501" in answer, answer
        assert SystemClock().mono() - begin > 2.0
        _wait_for(lambda: site.server.status.failed_logins >= len(_WRONG_LOGINS) - 1)
        assert [path for path in site.root.rglob("*") if not path.is_dir()] == []


_REFUSED = [
    "RETR a.jpg", "LIST", "NLST", "MLSD", "MLST a.jpg", "STAT /", "SIZE a.jpg", "MDTM a.jpg",
    "DELE a.jpg", "RMD sub", "XRMD sub", "APPE a.jpg", "SITE CHMOD 777 a.jpg",
    "MFMT 20200101000000 a.jpg",
    "STOR ../yard/x.jpg", "STOR link/x.jpg",
    "STOR a\x01b.jpg", "STOR \u202eb.jpg", f"STOR {'a' * 256}.jpg", "STOR .", "STOR /", "STOR link",
    "MKD ../yard/sub", "MKD link/sub", "MKD \x1b[31m", "CWD ../yard/missing",
    "CWD link", "CWD a.jpg", "RNFR link/passwd", "RNFR /", "RNTO x.jpg", "PORT 10,0,0,1,100,100",
    "PORT 127,0,0,1,0,22", "EPRT |1|10.0.0.1|4000|", "AUTH TLS", "PROT P", "SITE HELPME", "XXXX",
    "REST -1", "TYPE Z", "USER", "STOR",
]  # fmt: skip


@pytest.mark.parametrize("command", _REFUSED)
def test_what_a_camera_may_not_do_is_refused(site: _Site, tmp_path: Path, command: str) -> None:
    with site.connect() as client:
        _put(client, "a.jpg", b"mine")
        client.mkd("sub")
        (site.root / "front_door" / "link").symlink_to(tmp_path)
        before = sorted(str(path) for path in tmp_path.rglob("*"))
        answer = _raw(client, command)
        assert answer[0] in "45", answer
        assert _raw(client, "NOOP").startswith("200")
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before
    assert (site.root / "front_door" / "a.jpg").read_bytes() == b"mine"


def _raw(client: ftplib.FTP, command: str) -> str:
    """The answer to a line that ftplib would not send."""
    assert client.sock is not None
    client.sock.sendall(command.encode() + b"\r\n")
    return client.getmultiline()


def test_a_folder_that_is_a_link_admits_nobody(site: _Site, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (site.root / "front_door").rmdir()
    (site.root / "front_door").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ftplib.error_perm, match="530"):
        site.connect()


def test_a_camera_that_says_its_pictures_are_text_does_not_spoil_them(site: _Site) -> None:
    content = b"\r\n\n\r" * 1000
    with site.connect() as client:
        client.voidcmd("TYPE A")
        data = client.transfercmd("STOR a.jpg")
        data.sendall(content)
        data.close()
        client.voidresp()
    assert (site.root / "front_door" / "a.jpg").read_bytes() == content


def test_two_cameras_do_not_meet(site: _Site) -> None:
    with site.connect() as gate, site.connect("yard", "secret 2") as yard:
        _put(gate, "a.jpg", b"gate")
        _put(yard, "a.jpg", b"yard")
        gate.cwd("/")
        assert gate.pwd() == "/"
    assert (site.root / "front_door" / "a.jpg").read_bytes() == b"gate"
    assert (site.root / "yard" / "a.jpg").read_bytes() == b"yard"


@pytest.mark.parametrize("name", ["/../../x.jpg", "../../../../tmp/x.jpg", "sub/../../../x.jpg"])
def test_dots_do_not_lead_out_of_a_folder(site: _Site, tmp_path: Path, name: str) -> None:
    with site.connect() as client, contextlib.suppress(ftplib.error_perm):
        _put(client, name, b"x")
    outside = [path for path in tmp_path.rglob("x.jpg") if path.parent.name != "front_door"]
    assert outside == []
    assert not Path("/tmp/x.jpg").exists()


def test_a_file_larger_than_allowed_is_broken_off_and_removed(tmp_path: Path) -> None:
    with _running(_Site(tmp_path, largest=1)) as site:
        client = site.connect()
        with pytest.raises((ftplib.Error, OSError)):
            _put(client, "big.mp4", bytes(8_000_000))
        client.close()
        _wait_for(lambda: site.server.status.refused == 1)
        assert not (site.root / "front_door" / "big.mp4").exists()
        with site.connect() as client:
            _put(client, "small.mp4", bytes(900_000))


def test_a_disk_without_its_reserve_takes_nothing(tmp_path: Path) -> None:
    full = _Site(tmp_path, disk_reserve=100_000)
    if shutil.disk_usage(tmp_path).free > 100_000 << 20:
        pytest.skip("this disk has more than 100 GB to spare")
    refused = pytest.raises(ftplib.error_perm, match="almost full")
    with _running(full), full.connect() as client, refused:
        _put(client, "a.jpg", b"x")


def test_one_address_has_a_few_connections_only(tmp_path: Path) -> None:
    with _running(_Site(tmp_path, connections_per_address=2)) as site, contextlib.ExitStack() as s:
        for _ in range(2):
            s.enter_context(site.connect())
        with pytest.raises((ftplib.Error, EOFError, OSError)):
            site.connect()


def test_all_together_have_a_limit_and_files_do_not_count(tmp_path: Path) -> None:
    with _running(_Site(tmp_path, connections=3)) as site, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(site.connect()) for _ in range(3)]
        for number, client in enumerate(clients):
            _put(client, f"{number}.jpg", b"x" * 1000)
        with pytest.raises((ftplib.Error, EOFError, OSError)):
            site.connect()
        _wait_for(lambda: site.server.status.connections == 3)


def test_a_silent_connection_is_closed(tmp_path: Path) -> None:
    with _running(_Site(tmp_path, idle=5.0)) as site:
        client = site.connect()
        assert client.sock is not None
        client.sock.settimeout(8.0)
        assert client.sock.recv(100).startswith(b"421")
        client.close()


def test_a_new_password_is_in_force_after_a_reload(site: _Site) -> None:
    site.accounts = {"gate": FtpAccount("gate", "front_door", "other")}
    site.server.reload()

    def changed() -> bool:
        with contextlib.suppress(ftplib.Error):
            site.connect(password="other").close()
            return True
        return False

    _wait_for(changed, 10.0)


def test_a_port_that_is_taken_is_told_once_and_tried_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        site = _Site(tmp_path, port=other.getsockname()[1])
        with _thread(site):
            _wait_for(lambda: site.told)
            (failed,) = site.told
            assert isinstance(failed, WorkerFailed)
            assert "in use by another program" in failed.text
            assert "uploads.ftp.port" in site.server.fault
            other.close()
            _wait_for(lambda: site.server.port)
            _wait_for(lambda: len(site.told) == 2)
    assert isinstance(site.told[1], WorkerFailed)
    assert site.told[1].recovered
    assert site.server.fault == ""


def test_a_root_that_is_missing_is_told_with_advice(tmp_path: Path) -> None:
    site = _Site(tmp_path)
    shutil.rmtree(site.root)
    with _thread(site):
        _wait_for(lambda: site.server.fault)
    assert "uploads.root" in site.server.fault


def test_a_certificate_that_is_missing_is_told_with_advice(tmp_path: Path) -> None:
    site = _Site(tmp_path, tls="required", certificate="/nowhere.pem", key="/nowhere.key")
    with _thread(site):
        _wait_for(lambda: site.server.fault)
    assert "/nowhere.pem cannot be read" in site.server.fault


def test_data_connections_use_the_ports_given(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = _Site(tmp_path, passive_first=port, passive_last=port)
    with _running(site), site.connect() as client:
        assert client.makepasv()[1] == port


def test_garbage_does_no_harm(site: _Site) -> None:
    for garbage in (b"\x00" * 5000, b"A" * 100_000, b"\xff\xfb\x01\r\n", b"\r\n" * 1000, b"GET /"):
        client = socket.create_connection(("127.0.0.1", site.server.port or 0), 5.0)
        with client, contextlib.suppress(OSError):
            client.sendall(garbage)
    with site.connect() as camera:
        _put(camera, "a.jpg", b"x")


def test_no_password_stands_in_a_log_or_a_text(
    site: _Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(0):
        site.connect().close()
        with pytest.raises(ftplib.error_perm):
            site.connect(password="mistyped")
    assert "secret 1" not in caplog.text + repr(_ACCOUNTS)
    assert "mistyped" not in caplog.text


_QUIET = """
import ftplib, io, sys, threading
from pathlib import Path
from embereye.config.upload_options import Ftp, Uploads
from embereye.ingest.ftp_account import FtpAccount
from embereye.ingest.ftp_server import FtpUploads
from embereye.runtime.clock import SystemClock

root, stop = Path(sys.argv[1]), threading.Event()
accounts = {"gate": FtpAccount("gate", "gate", "secret 1")}
uploads = Uploads(root=str(root), ftp=Ftp(enabled=True, port=0))
server = FtpUploads(uploads, root, lambda: accounts, SystemClock(), lambda _message: None)
thread = threading.Thread(target=server.run, args=(stop,))
thread.start()
while not server.port:
    stop.wait(0.01)
with ftplib.FTP(timeout=5.0) as client:
    client.connect("127.0.0.1", server.port)
    client.login("gate", "secret 1")
    client.storbinary("STOR a.jpg", io.BytesIO(b"x"))
stop.set()
thread.join()
"""


def test_the_library_writes_nothing_of_its_own_accord(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _QUIET, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, timeout=30.0, check=True)
    assert (ended.stdout, ended.stderr) == (b"", b"")


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_uploads_travel_encrypted(tmp_path: Path, version: ssl.TLSVersion) -> None:
    context = _trusting()
    context.minimum_version = context.maximum_version = version
    content = jpeg(1, 1600, 1200)
    with _running(_Site(tmp_path, tls="required")) as site:
        assert site.server.port
        with ftplib.FTP_TLS(context=context, timeout=5.0) as client:
            client.connect("127.0.0.1", site.server.port)
            client.login("gate", "secret 1")
            client.prot_p()
            for number in range(3):
                _put(client, f"{number}.jpg", content)
    assert (site.root / "front_door" / "2.jpg").read_bytes() == content


def test_where_encryption_is_required_nothing_goes_without(tmp_path: Path) -> None:
    with _running(_Site(tmp_path, tls="required")) as site:
        assert site.server.port
        with pytest.raises(ftplib.error_perm, match="AUTH TLS"):
            site.connect()
        with ftplib.FTP_TLS(context=_trusting(), timeout=5.0) as client:
            client.connect("127.0.0.1", site.server.port)
            client.login("gate", "secret 1")
            with pytest.raises(ftplib.error_perm, match="PROT P"):
                _put(client, "a.jpg", b"x")


def test_a_client_that_fails_to_encrypt_is_let_go(tmp_path: Path) -> None:
    with _running(_Site(tmp_path, tls="offered")) as site:
        address = ("127.0.0.1", site.server.port or 0)
        with socket.create_connection(address, 5.0) as client:
            client.sendall(b"AUTH TLS\r\n")
            answer = b""
            while b"234" not in answer:
                answer += client.recv(1000)
            client.sendall(b"garbage" * 100)
            with contextlib.suppress(ConnectionResetError):
                while client.recv(1000):
                    pass
        with site.connect() as plain:
            _put(plain, "a.jpg", b"x")
