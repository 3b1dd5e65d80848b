"""What an earlier run stored beyond a gap is not judged twice when the device sends it again."""

from embereye.ingest.admission import Boot
from embereye.model.raw_packet import Progress


def test_numbers_stored_beyond_a_gap_are_no_news_after_a_restart():
    boot = Boot("d1", 3, Progress(3, 2, beyond=(4, 6)))
    assert [seq for seq in range(3, 8) if boot.seen.take(seq)] == [3, 5, 7]


def test_numbers_of_another_boot_are_news():
    boot = Boot("d1", 4, Progress(3, 2, beyond=(4, 6)))
    assert [seq for seq in range(1, 8) if boot.seen.take(seq)] == [1, 2, 3, 4, 5, 6, 7]
