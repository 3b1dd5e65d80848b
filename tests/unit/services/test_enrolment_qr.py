"""QR codes of enrolment texts, read back by a decoder."""

import cv2
import numpy as np

from embereye.ingest import enrolment_text
from embereye.services.enrolment_qr import qr_file, qr_rows, qr_terminal

_TEXT = enrolment_text.write("x" * 64, "k" * 16, bytes(range(32)))  # the longest there is


def _read(picture: np.ndarray) -> str:
    return str(cv2.QRCodeDetector().detectAndDecode(picture)[0])


def test_the_rows_read_as_the_text() -> None:
    modules = np.array([list(row) for row in qr_rows(_TEXT)], np.uint8)
    picture = np.kron(255 * (1 - modules), np.ones((8, 8))).astype(np.uint8)
    assert _read(picture) == _TEXT


def test_the_picture_file_reads_as_the_text() -> None:
    picture = cv2.imdecode(np.frombuffer(qr_file(_TEXT, "png"), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert _read(picture) == _TEXT


def test_the_drawing_is_a_drawing() -> None:
    assert b"<svg" in qr_file(_TEXT, "svg")


def test_the_terminal_lines_read_as_the_text() -> None:
    light = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    rows: list[list[int]] = []
    for line in qr_terminal(_TEXT).splitlines():
        halves = [light[c] for c in line if c in light]
        rows += [[upper for upper, _ in halves], [lower for _, lower in halves]]
    picture = np.kron(255 * np.array(rows[: len(rows[0])]), np.ones((8, 8))).astype(np.uint8)
    assert _read(picture) == _TEXT
