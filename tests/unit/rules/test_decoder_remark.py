"""What an operator reads about the decoder of a camera."""

import pytest

from embereye.rules.decoder_remark import decoder_remark


@pytest.mark.parametrize(
    ("decoder", "words"),
    [
        ("h264", ""),
        ("h264 (cuda)", ""),
        ("h264 (software; no chip)", ""),
        ("h264 (software; no vaapi)", "vaapi is not available on this machine; "),
        ("mjpeg (software; not by d3d11va)", "d3d11va does not decode this codec; "),
        ("hevc (software; cuda failed)", "cuda failed; decoded in software. Check the driver"),
    ],
)
def test_what_an_operator_reads(decoder: str, words: str) -> None:
    assert decoder_remark(decoder).startswith(words)
    assert bool(decoder_remark(decoder)) is bool(words)
