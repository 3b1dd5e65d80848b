"""`embereye vision detect --model remote`: files go to another machine."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from servers.remote_detector import RemoteServer

from embereye.cli.main import run_command_line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture = np.full((240, 320, 3), 90, np.uint8)
    picture[100:200, 100:160] = (0, 0, 255)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        cv2.imwrite(str(pictures / f"{number}.png"), picture)
    return tmp_path


def _run(folder: Path, server: RemoteServer, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    data = folder / "data"
    data.mkdir()
    (data / "settings.toml").write_text(
        f'[detection.remote]\nenabled = true\nurl = "{server.url}"\n', encoding="utf-8"
    )
    code = run_command_line(
        ["--data-dir", str(data), "vision", "detect", str(folder / "pictures"), "--model", "remote",
         "--json"]
    )  # fmt: skip
    return code, capsys.readouterr().out


def test_pictures_of_files_are_judged_with_the_opinion_of_another_machine(folder, capsys):
    with RemoteServer() as server:
        server.label = "Forklift"
        code, out = _run(folder, server, capsys)
        assert code == 0
        assert out.count("forklift") == 3
        assert set(server.asked) == {"/detect/batch"}
        assert json.loads(out)


def test_a_detector_that_gives_no_answer_is_told(folder, capsys):
    with RemoteServer("400") as server:
        code, _ = _run(folder, server, capsys)
        assert code != 0
        assert len(server.asked) == 1
