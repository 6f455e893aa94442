"""The runs of the open library: what runs, what waits in which order, what became of the last."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon
from app.studio import Studio
from app.theme import SPACING
from app.widgets import run_words
from app.widgets.buttons import IconButton, label
from fsamt_engine.errors import FsamtError
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

_N_ENDED = 5
_ICONS = {
    QueueStatus.RUNNING: ("run", "accent"),
    QueueStatus.PAUSED: ("pause", "caution"),
    QueueStatus.WAITING: ("chevron-right", "quiet"),
    QueueStatus.FINISHED: ("good", "good"),
    QueueStatus.FAILED: ("bad", "bad"),
    QueueStatus.CANCELLED: ("close", "quiet"),
}
_ID = Qt.ItemDataRole.UserRole


class QueueList(QWidget):
    """Runs from top to bottom as they come, those that are over at the end."""

    run_wanted = Signal(object)
    """The `QueuedRun` that the user wants to see."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = studio.runs
        self._shown: list[QueuedRun] = []
        self.empty = label(
            self.tr(
                "Nothing runs and nothing waits. What you start on the pages Transfer, Finetune "
                "and Experiments appears here, and is there again after a restart."
            ),
            quiet=True,
            wrap=True,
        )
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Runs"))
        self.list.setIconSize(QSize(16, 16))
        self.list.setWordWrap(True)
        self.list.itemActivated.connect(self._open)
        self.list.currentRowChanged.connect(self._show_buttons)
        self.go_on = QPushButton()
        self.go_on.clicked.connect(self._go_on)
        self.up = IconButton("chevron-up", self.tr("Earlier in the queue"), shortcut="Alt+Up")
        self.down = IconButton("chevron-down", self.tr("Later in the queue"), shortcut="Alt+Down")
        self.remove = IconButton("remove", self.tr("Take off the list"), shortcut="Del")
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(+1))
        self.remove.clicked.connect(self._remove)
        for keys, button in (
            ("Alt+Up", self.up),
            ("Alt+Down", self.down),
            (QKeySequence.StandardKey.Delete, self.remove),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)
        self._build()
        self._runs.changed.connect(self.read)
        studio.board.changed.connect(self._show_time_left)
        studio.library_opened.connect(self.read)
        self.read()

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACING)
        buttons.addWidget(self.go_on)
        buttons.addStretch(1)
        for button in (self.up, self.down, self.remove):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)

    def read(self) -> None:
        """Show the queue as it stands now."""
        try:
            self._shown = [*self._runs.runs, *self._runs.ended_runs[:_N_ENDED]]
        except FsamtError:
            return
        chosen = self._chosen()
        chosen_id = chosen.id if chosen else None
        self.list.clear()
        for run in self._shown:
            item = QListWidgetItem(icon(*_ICONS[run.status]), self._words(run))
            item.setData(_ID, run.id)
            item.setToolTip(self.tr("Enter or a double click shows it"))
            self.list.addItem(item)
        places = [place for place, run in enumerate(self._shown) if run.id == chosen_id]
        self.list.setCurrentRow(places[0] if places else min(0, len(self._shown) - 1))
        self.empty.setVisible(not self._shown)
        self.list.setVisible(bool(self._shown))
        self._show_buttons()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the marks anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.read()

    def _words(self, run: QueuedRun) -> str:
        running = self._runs.running
        if running is not None and running.id == run.id:
            return f"{run.request.title}\n{run_words.under_way(self._runs.latest)}"
        if running is not None and run.status is QueueStatus.WAITING:
            return f"{run.request.title}\n{self.tr('Waits for its turn.')}"
        return f"{run.request.title}\n{run_words.standing(run, running)}"

    def _show_time_left(self) -> None:
        running = self._runs.running
        for place, run in enumerate(self._shown):
            if running is not None and run.id == running.id:
                self.list.item(place).setText(self._words(run))

    def _chosen(self) -> QueuedRun | None:
        item = self.list.currentItem()
        wanted = item.data(_ID) if item is not None else None
        return next((run for run in self._shown if run.id == wanted), None)

    def _show_buttons(self) -> None:
        chosen = self._chosen()
        open_ids = [run.id for run in self._shown if not run.status.is_over]
        place = open_ids.index(chosen.id) if chosen and chosen.id in open_ids else None
        is_running = chosen is not None and chosen.status is QueueStatus.RUNNING
        self.up.setEnabled(place is not None and place > 0)
        self.down.setEnabled(place is not None and place < len(open_ids) - 1)
        self.remove.setEnabled(chosen is not None and not is_running)
        running = self._runs.running
        self.go_on.setVisible(bool(open_ids))
        self.go_on.setText(self.tr("Continue") if running is None else self.tr("Pause"))
        self.go_on.setEnabled(running is None or self._runs.asked is None)
        self.go_on.setToolTip(
            self.tr("Do everything that waits or is paused, one after the other")
            if running is None
            else self.tr("Stop for now; everything goes on later exactly where it is")
        )

    def _go_on(self) -> None:
        running = self._runs.running
        if running is None:
            self._runs.go_on()
        else:
            self._runs.pause(running.id)

    def _move(self, by: int) -> None:
        chosen = self._chosen()
        if chosen is not None:
            place = [run.id for run in self._shown].index(chosen.id)
            self._change(lambda: self._runs.move(chosen.id, place + by))

    def _remove(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._change(lambda: self._runs.remove(chosen.id))

    def _change(self, change: Callable[[], None]) -> None:
        """Another program may have changed the queue meanwhile: then it is shown as it is."""
        try:
            change()
        except FsamtError:
            self.read()

    def _open(self, item: QListWidgetItem) -> None:
        wanted = next((run for run in self._shown if run.id == item.data(_ID)), None)
        if wanted is not None:
            self.run_wanted.emit(wanted)


class QueuePanel(QFrame):
    """The list in a panel that unfolds over a button and closes by a click beside it."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAccessibleName(self.tr("Runs of this library"))
        self.queue = QueueList(studio)
        self.queue.run_wanted.connect(self.hide)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(label(self.tr("Runs"), name="heading"))
        layout.addWidget(self.queue, 1)
        self.setFixedSize(440, 320)

    def unfold_over(self, button: QWidget) -> None:
        """Show it above a button, inside of the screen."""
        self.queue.read()
        corner = button.mapToGlobal(QPoint(button.width(), 0))
        area = button.screen().availableGeometry()
        self.move(
            max(area.left(), corner.x() - self.width()),
            max(area.top(), corner.y() - self.height() - 4),
        )
        self.show()
        self.queue.list.setFocus()
