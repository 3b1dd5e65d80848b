from embereye.config.schema import ListenerLimits
from embereye.ingest.peer_limits import PeerLimits

PERIOD = 4.0


def test_a_peer_that_sends_no_packet_is_cut_after_5_s():
    limits = PeerLimits(ListenerLimits(), 0.0)
    limits.count(3, 0, 0, 4.0)
    assert limits.offence(5.0, PERIOD) is None
    assert "no packet" in limits.offence(5.1, PERIOD)


def test_silence_is_measured_by_valid_packets_only():
    limits = PeerLimits(ListenerLimits(), 0.0)
    limits.count(40, 1, 0, 1.0)
    limits.count(40, 0, 1, 18.0)
    assert limits.offence(20.0, PERIOD) is None
    assert "silent" in limits.offence(20.1, PERIOD)


def test_twenty_bad_packets_close():
    limits = PeerLimits(ListenerLimits(), 0.0)
    limits.count(40, 0, 19, 1.0)
    assert limits.offence(1.0, PERIOD) is None
    limits.count(40, 0, 1, 1.0)
    assert "unusable" in limits.offence(1.0, PERIOD)


def test_a_lossy_line_is_never_cut():
    limits = PeerLimits(ListenerLimits(), 0.0)
    for second in range(10_000):
        limits.count(80, 1, second % 20 == 0, float(second))
        assert limits.offence(float(second), 1.0) is None


def test_endless_bytes_without_a_packet_close():
    limits = PeerLimits(ListenerLimits(), 0.0)
    limits.count(100_000, 0, 0, 1.0)
    assert "without a usable packet" in limits.offence(1.0, PERIOD)


def test_a_flood_is_paused_to_its_rate_and_not_cut():
    limits = PeerLimits(ListenerLimits(packets_per_second=200), 0.0)
    limits.count(8192, 400, 0, 0.0)
    assert limits.pause == 1.0
    assert limits.offence(0.0, PERIOD) is None
    limits.count(0, 0, 0, 1.0)
    assert limits.pause == 0.0


def test_a_peer_that_was_not_read_is_not_blamed_for_the_silence():
    limits = PeerLimits(ListenerLimits(), 0.0)
    limits.count(40, 1, 0, 1.0)
    limits.excuse(60.0)
    assert limits.offence(60.0, PERIOD) is None
    assert "silent" in limits.offence(79.1, PERIOD)
