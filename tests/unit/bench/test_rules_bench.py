"""What rules cost is measured on rules that do something."""

from embereye.bench.rules import run


def test_the_measured_rules_alarm_now_and_then():
    report = run(1.0)
    assert report.metrics["rules_at_places"].value > 1000
    assert report.metrics["verdicts"].value > 0
    assert report.metrics["message"].value > 0
