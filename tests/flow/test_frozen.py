"""The frozen program starts and passes its own self-test and demonstration."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from null_sink import null_sink

from embereye.cli.bench import _PROFILES
from embereye.cli.main import _GROUPS

_ROOT = Path(__file__).resolve().parents[2]


def test_everything_that_is_imported_by_name_is_a_module_of_ours() -> None:
    """Short version: what the build collects by name must exist under that name."""
    names = [f"cli/{group}.py" for group in _GROUPS] + [f"bench/{p}.py" for p in _PROFILES]
    assert [name for name in names if not (_ROOT / "embereye" / name).is_file()] == []
    spec = (_ROOT / "build_spec.spec").read_text(encoding="utf-8")
    compile(spec, "build_spec.spec", "exec")
    assert 'collect_submodules("embereye")' in spec


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program built as for an installer; takes about a minute."""
    pytest.importorskip("PyInstaller", reason="pip install -e .[package]")
    place = tmp_path_factory.mktemp("frozen")
    subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN",
            f"--distpath={place / 'dist'}", f"--workpath={place / 'work'}",
            str(_ROOT / "build_spec.spec"),
        ],
        check=True,
        cwd=_ROOT,
    )  # fmt: skip
    return place / "dist" / "embereye" / "embereye"


def _run(program: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [str(program), *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, **(env or {}), "QT_QPA_PLATFORM": "offscreen"},
        cwd="/",
    )
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_frozen_program_passes_its_self_test(frozen: Path, tmp_path: Path) -> None:
    code, _ = _run(frozen, "--data-dir", str(tmp_path / "data"), "check")
    assert code == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_frozen_program_passes_the_strict_self_test_with_sound(
    frozen: Path, tmp_path: Path
) -> None:
    with null_sink(tmp_path) as sink:
        data = str(tmp_path / "data")
        code, out = _run(
            frozen, "--data-dir", data, "check", "--strict", "--json", env=sink.environment
        )
    assert code == 0, out


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_frozen_program_runs_the_demonstration(frozen: Path) -> None:
    code, out = _run(frozen, "demo", "--headless", "--seconds", "40", "--json")
    assert code == 0
    summary = json.loads(out)
    assert {camera["state"] for camera in summary["cameras"]} == {"live"}
    assert any(alarm["kind"] == "fire" for alarm in summary["alarms"])
