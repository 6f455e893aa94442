from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from app.help import GUIDE, HelpWindow
from app.main_window import MainWindow
from app.pages import page_entries


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    path = tmp_path / "guide.md"
    sections = [f"## {name}\n\n" + "Words. " * 900 for name in ("Start", "Label", "Transfer")]
    path.write_text("# User guide\n\n" + "\n\n".join(sections) + "\n\nA needle.\n")
    return path


def _top_heading(window: HelpWindow) -> str:
    cursor = window.text.cursorForPosition(QPoint(8, 24))
    block = cursor.block()
    while block.isValid() and not block.blockFormat().headingLevel():
        block = block.previous()
    return block.text()


def test_it_opens_at_the_section_of_the_page(qtbot: QtBot, guide: Path) -> None:
    window = HelpWindow(guide)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.show_section("Label")
    assert window.headings.currentItem().text().strip() == "Label"
    assert _top_heading(window) == "Label"
    window.show_section("No such page")
    assert window.headings.currentRow() == 0


def test_the_search_goes_to_the_word(qtbot: QtBot, guide: Path) -> None:
    window = HelpWindow(guide)
    qtbot.addWidget(window)
    window.show()
    window.search.setText("needle")
    window.search.returnPressed.emit()
    assert window.text.textCursor().selectedText() == "needle"
    window.search.setText("haystack")
    window.search.returnPressed.emit()
    assert window._found.text() == "Not in the guide."


def test_a_missing_guide_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    window = HelpWindow(tmp_path / "gone.md")
    qtbot.addWidget(window)
    assert "docs/guide.md" in window.text.toPlainText()


def test_the_guide_explains_every_page() -> None:
    headings = [line.lstrip("# ") for line in GUIDE.read_text().splitlines() if line[:2] == "##"]
    for entry in page_entries():
        if entry.make is not None:
            assert any(heading.startswith(entry.title) for heading in headings), entry.title


def test_f1_opens_it_from_any_page(qtbot: QtBot, window: MainWindow) -> None:
    window.current_page.help_button.click()
    assert window._help is not None
    assert window._help.isVisible()
    window._help.close()
