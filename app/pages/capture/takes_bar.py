"""The takes so far below the pictures: cards, the verdict in words, throwing away and undo."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.icons import pixmap
from app.pages.capture.take_strip import CARD, TakeStrip
from app.theme import SPACING, interface_font, theme
from app.widgets.buttons import IconButton, label
from app.widgets.thumbnails import Thumbnails
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, TakeFilter, TakeRow
from fsamt_engine.library.bin import bin_take, restore_take
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.takes import TakeOrder, list_takes, take

_SHOWN = 200
_MARK_PX = 16
_GROUP_SEARCH = 16


class ElidedLabel(QLabel):
    """One line that ends in dots where there is no room; the whole is its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setFont(interface_font(12))
        self.setProperty("quiet", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def whole(self) -> str:
        """All of it."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """As much as fits now."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        dots = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._text, dots, self.width()))


class TakesBar(QWidget):
    """Shows a session's takes; the last one can be thrown away, and comes back with undo."""

    takes_changed = Signal()
    """Takes were thrown away, or came back."""
    failed = Signal(object)
    """An `FsamtError`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self._session = ""
        self._thumbnails: Thumbnails | None = None
        self._thrown_away: list[tuple[str, ...]] = []
        self.strip = TakeStrip()
        self.count = label(name="heading")
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.verdict = ElidedLabel()
        self.undo_button = QPushButton(self.tr("Undo"))
        self.undo_button.setToolTip(self.tr("Bring back what was thrown away last (Ctrl+Z)"))
        self.undo_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.undo_button.clicked.connect(self.undo)
        self.bin_button = IconButton(
            "bin", self.tr("Throw the last take away"), shortcut=self.tr("Backspace")
        )
        self.bin_button.clicked.connect(self.throw_away_last)
        header = QHBoxLayout()
        header.setSpacing(SPACING)
        header.addWidget(self.count)
        header.addSpacing(SPACING)
        header.addWidget(self._mark)
        header.addWidget(self.verdict, 1)
        header.addWidget(self.undo_button)
        header.addWidget(self.bin_button)
        self._empty = label(
            self.tr("The takes of this session appear here, each with a verdict."), quiet=True
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._place = QStackedWidget()
        self._place.addWidget(self.strip)
        self._place.addWidget(self._empty)
        self._place.setFixedHeight(CARD.height() + 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(header)
        column.addWidget(self._place)
        self.strip.take_chosen.connect(self._show_verdict)
        self._show_takes(())

    def read_library(self, library: Library | None, session: str) -> None:
        """Show the takes of a session.

        Raises:
            FsamtError: The library cannot be read.
        """
        if library is not self._library:
            self.let_go()
            self._library = library
            if library is not None:
                self._thumbnails = Thumbnails(library, self)
                self.strip.show_thumbnails(self._thumbnails)
        self._session = session
        self.refresh()

    def refresh(self, *, choose_latest: bool = False) -> None:
        """Read the takes anew.

        Raises:
            FsamtError: The library cannot be read.
        """
        rows = []
        if self._library is not None and self._session:
            rows = list_takes(
                self._library,
                TakeFilter(sessions=(self._session,)),
                limit=_SHOWN,
                order=TakeOrder.STARTED,
                descending=True,
            )
        self._show_takes(rows)
        if choose_latest:
            self.strip.choose_latest()

    def throw_away(self, take_ids: Sequence[str]) -> None:
        """Put takes into the bin, so that undo brings all of them back."""
        library = self._library
        if library is None or not take_ids:
            return
        gone = []
        try:
            for take_id in take_ids:
                bin_take(library, take_id)
                gone.append(take_id)
        except FsamtError as error:
            self.failed.emit(error)
        if gone:
            self._thrown_away.append(tuple(gone))
        self._changed()

    def throw_away_last(self) -> None:
        """Put the last take into the bin, and what other cameras recorded together with it."""
        try:
            self.throw_away(self._last_together())
        except FsamtError as error:
            self.failed.emit(error)

    def undo(self) -> None:
        """Bring back what was thrown away last."""
        library = self._library
        if library is None or not self._thrown_away:
            return
        try:
            for take_id in self._thrown_away.pop():
                restore_take(library, take_id)
        except FsamtError as error:
            self.failed.emit(error)
        self._changed(choose_latest=True)

    def let_go(self) -> None:
        """Let go of the library."""
        self.strip.show_thumbnails(None)
        if self._thumbnails is not None:
            self._thumbnails.close()
            self._thumbnails.deleteLater()
            self._thumbnails = None
        self._library = None
        self._thrown_away.clear()
        self._show_takes(())

    def _last_together(self) -> tuple[str, ...]:
        rows = self.strip.takes.rows[:_GROUP_SEARCH]
        if self._library is None or not rows:
            return ()
        recordings = [(row.id, take(self._library, row.id).recording) for row in rows]
        last = recordings[0][1]
        if last is None or not last.group:
            return (rows[0].id,)
        return tuple(
            take_id
            for take_id, recording in recordings
            if recording is not None and recording.group == last.group
        )

    def _changed(self, *, choose_latest: bool = False) -> None:
        try:
            self.refresh(choose_latest=choose_latest)
        except FsamtError as error:
            self.failed.emit(error)
        self.takes_changed.emit()

    def _show_takes(self, rows: Sequence[TakeRow]) -> None:
        self.strip.show_takes(rows)
        self._place.setCurrentIndex(0 if rows else 1)
        self.count.setText(words.takes(len(rows)) if rows else self.tr("No takes yet"))
        self.bin_button.setEnabled(bool(rows))
        self.undo_button.setVisible(bool(self._thrown_away))
        self._show_verdict(self.strip.chosen)

    def _show_verdict(self, take_id: str) -> None:
        text, level = "", ""
        if take_id and self._library is not None:
            try:
                quality = take_quality(self._library, take_id)
                text = " ".join((f"{quality.verdict}.", *quality.hints))
                level = str(quality.level)
            except FsamtError as error:
                text = str(error)
        self.verdict.show_text(text[:1].upper() + text[1:])
        self._mark.setVisible(bool(level))
        if level:
            self._mark.setPixmap(pixmap(level, getattr(theme().palette, level), _MARK_PX))
