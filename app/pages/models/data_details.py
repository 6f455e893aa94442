"""What a model was trained and tested on: who, how much, and the takes themselves."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app import words
from app.pages.models.sayings import seconds_long
from app.studio import Studio
from app.theme import SPACING
from app.widgets.clip_strip import ShownClip
from app.widgets.clip_viewer import ClipViewer
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import SnapshotItem
from fsamt_engine.library.labels import actions
from fsamt_engine.library.lineage import Ancestor, Gathered

_TABLE_PX = 184
_SIDE = Qt.ItemDataRole.UserRole
_TITLE = Qt.ItemDataRole.UserRole + 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class DataDetails(QWidget):
    """Sides and participants on the left; the clips of the chosen row on the right."""

    clip_wanted = Signal(str, int, int)
    """A clip that is to be seen in the library: id of the take, start and end."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._items: dict[str, tuple[SnapshotItem, ...]] = {}
        self._colours: dict[str, str] = {}
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Whose takes these are"))
        self.table.setToolTip(self.tr("Choose a row to see its clips"))
        self.table.setHeaderLabels([self.tr("Who"), self.tr("Clips")])
        self.table.headerItem().setTextAlignment(1, _RIGHT)
        self.table.setUniformRowHeights(True)
        self.table.setIndentation(16)
        self.table.setRootIsDecorated(False)
        self.table.setFixedWidth(_TABLE_PX)
        self.table.header().setStretchLastSection(False)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.table.currentItemChanged.connect(self._show_clips)
        self.viewer = ClipViewer(studio)
        self.viewer.clip_wanted.connect(self.clip_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.table)
        row.addWidget(self.viewer, 1)

    def show_data(self, one: Ancestor) -> None:
        """Show what a model of a lineage was trained and tested on."""
        seen = one.snapshot
        self._items = {
            "train": (*seen.train, *seen.validation) if seen else (),
            "test": seen.test if seen else (),
        }
        library = self._studio.library
        known = actions(library) if library is not None else []
        self._colours = {action.name: action.colour for action in known}
        self.table.clear()
        for side, title, gathered in (
            ("train", self.tr("Trained on"), one.trained_on),
            ("test", self.tr("Tested on"), one.tested_on),
        ):
            if gathered.n_items:
                self._add_side(side, title, gathered)
        self.table.expandAll()
        first = self.table.topLevelItem(0)
        if first is None:
            self.viewer.show_clips((), self.tr("Nothing is known of what it was trained on."))
        else:
            self.table.setCurrentItem(first)

    def let_go(self) -> None:
        """Let go of every file."""
        self.table.clear()
        self._items = {}
        self.viewer.let_go()

    def _add_side(self, side: str, title: str, gathered: Gathered) -> None:
        length = seconds_long(gathered.seconds)
        top = QTreeWidgetItem([title, f"{gathered.n_items:,}"])
        top.setData(0, _TITLE, f"{title} · {length}")
        top.setTextAlignment(1, _RIGHT)
        top.setData(0, _SIDE, (side, "", ""))
        self.table.addTopLevelItem(top)
        for who, n in gathered.by_participant.items():
            self._add_row(top, who, n, (side, who, ""))
        for action, n in gathered.by_action.items():
            self._add_row(top, action, n, (side, "", action))

    def _add_row(
        self, top: QTreeWidgetItem, name: str, n: int, chosen: tuple[str, str, str]
    ) -> None:
        row = QTreeWidgetItem([name, f"{n:,}"])
        row.setTextAlignment(1, _RIGHT)
        row.setData(0, _TITLE, f"{top.text(0)} · {name}")
        row.setData(0, _SIDE, chosen)
        row.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}: {words.clips(n)}")
        top.addChild(row)

    def _show_clips(self, item: QTreeWidgetItem | None) -> None:
        if item is None or self._studio.library is None:
            return
        side, who, action = item.data(0, _SIDE)
        chosen = [
            one
            for one in self._items[side]
            if (not who or one.participant == who) and (not action or one.action == action)
        ]
        clips = [
            ShownClip(
                one.take_id,
                one.start,
                one.end,
                "\n".join(filter(None, (one.participant, one.action))),
                self._colours.get(one.action or "", ""),
            )
            for one in chosen
        ]
        try:
            self.viewer.show_clips(clips, item.data(0, _TITLE))
        except FsamtError as error:
            self.viewer.about.setText(error.message)
