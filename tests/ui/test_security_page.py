"""The security page lists events and peers, and says what the listener lets in."""

from consoles import FakeConsole, device
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument

from embereye.model.security import RefusedPeer, SecurityKind, SecurityRow, SecurityTable
from embereye.ui.security_page import SecurityPage
from embereye.ui.theme import Tokens


def _page(console: FakeConsole, colours: Tokens, qtbot: object) -> SecurityPage:
    clone = SecurityRow(
        SecurityKind.CLONE, "device:boiler-2", "Two devices.", console.clock.now(), "10.1.2.3", 3
    )
    console.security_table = SecurityTable(
        1, (clone,), (RefusedPeer("10.9.9.9", "Bad.", 20, 1, 0.0, 0.0),)
    )
    page = SecurityPage(console, colours)
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.refresh()
    return page


def test_events_are_listed_with_the_refused_peers(
    console: FakeConsole, colours: Tokens, qtbot: object
) -> None:
    page = _page(console, colours, qtbot)
    texts = [page.events.data(page.events.index(0, column)) for column in range(1, 6)]
    clone = "△ two devices with one identity"
    assert texts == [clone, "device:boiler-2", "10.1.2.3", "3", "Two devices."]
    assert page.peers.data(page.peers.index(0, 1)) == "20"


def test_what_comes_from_the_network_is_shown_as_it_is_written(
    console: FakeConsole, colours: Tokens, qtbot: object
) -> None:
    page = _page(console, colours, qtbot)
    forged = "<img src='file:///etc/motd'>\n<b>All is well</b>"
    row = SecurityRow(SecurityKind.CLONE, "x", forged, console.clock.now())
    console.security_table = SecurityTable(2, (row,))
    page.refresh()
    page._event_table.setCurrentIndex(page.events.index(0, 0))
    assert page._detail.textFormat() is Qt.TextFormat.PlainText
    tip = page.events.data(page.events.index(0, 5), Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    document = QTextDocument()
    document.setHtml(tip)
    assert document.toPlainText() == forged


def test_the_filter_looks_at_events_and_peers(
    console: FakeConsole, colours: Tokens, qtbot: object
) -> None:
    page = _page(console, colours, qtbot)
    page.search.setText("10.9")
    assert (page.events.rowCount(), page.peers.rowCount()) == (0, 1)
    page.search.setText("BOILER")
    assert (page.events.rowCount(), page.peers.rowCount()) == (1, 0)


def test_the_policy_is_said_in_words(
    console: FakeConsole, clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    console.show_devices(device("a", clock, enrolled=True, verified=True), device("b", clock))
    page = _page(console, colours, qtbot)
    said = page.policy_words()
    assert "any unauthenticated device may connect" in said
    assert "1 enrolled, 1 unverified" in said
    assert "no encrypted port" in said
