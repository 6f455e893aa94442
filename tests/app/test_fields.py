"""Fields that several pages ask with."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot

from app.widgets.fields import Choice, TickList


def test_enter_does_what_a_dialog_is_for_wherever_one_stands(qtbot: QtBot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    choice = Choice("How", (("a", "This way", "So."), ("b", "That way", "Thus.")))
    do = QPushButton("Do it")
    do.setDefault(True)
    do.clicked.connect(dialog.accept)
    column = QVBoxLayout(dialog)
    column.addWidget(choice)
    column.addWidget(do)
    dialog.show()
    first = choice.findChildren(QPushButton)[0]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_ticks_of_a_list_filled_before_it_is_seen_do_not_overlap(qtbot: QtBot):
    ticks = TickList("People")
    ticks.show_names({name: name for name in "abcd"})
    dialog = QDialog()
    qtbot.addWidget(dialog)
    QVBoxLayout(dialog).addWidget(ticks)
    dialog.show()
    qtbot.waitUntil(lambda: ticks.visualItemRect(ticks.item(0)).height() >= 28, timeout=2000)
    tops = [ticks.visualItemRect(ticks.item(place)).top() for place in range(4)]
    assert min(low - high for high, low in pairwise(tops)) >= 28
