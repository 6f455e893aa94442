"""A recogniser of which nobody knows yet how good it is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app import words
from app.pages.finetune.loading import Loaded
from app.pages.finetune.snapshot_card import SnapshotCard
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.clip_strip import ShownClip
from fsamt_engine.library import SnapshotItem


class UntestedView(QScrollArea):
    """Says so, what it could be tested on, and what it was made of."""

    clips_wanted = Signal(object, str)
    """A list of `ShownClip`, and what they have in common."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.title = label(quiet=True, wrap=True)
        self.what = label(wrap=True)
        self.snapshot = SnapshotCard()
        self.snapshot.clip_chosen.connect(self._show_item)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.title)
        column.addWidget(label(self.tr("Not tested yet"), name="bigNumber"))
        column.addWidget(self.what)
        column.addWidget(self.snapshot)
        column.addStretch(1)
        self.setWidget(content)

    def show_model(self, loaded: Loaded) -> None:
        """Show a recogniser without a test."""
        self.title.setText(loaded.title)
        if loaded.testable:
            people = sorted({item.participant for item in loaded.testable})
            said = self.tr(
                "Nobody knows how good it is. It can be tested on {clips} of {people}, whom it "
                "has never seen."
            ).format(clips=words.clips(len(loaded.testable)), people=words.listed(people))
        else:
            why = loaded.why_not or self.tr(
                "Everybody with labels of its actions was seen in its training. Label takes of "
                "somebody else."
            )
            said = self.tr("Nobody knows how good it is, and it cannot be tested. {why}").format(
                why=why
            )
        self.what.setText(said)
        self.snapshot.setVisible(loaded.snapshot is not None)
        if loaded.snapshot is not None:
            self.snapshot.show_snapshot(loaded.line, loaded.snapshot, ())

    def _show_item(self, item: SnapshotItem) -> None:
        clip = ShownClip(item.take_id, item.start, item.end, f"{item.action}\n{item.participant}")
        self.clips_wanted.emit([clip], str(item.action))
