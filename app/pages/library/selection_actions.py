"""What can be done with the selected takes: the same in a menu, by keys and by buttons."""

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app import words
from fsamt_engine.library import TakeRow


class SelectionActions(QObject):
    """Actions on the selected takes; each tells what was asked for, and does nothing itself."""

    title_wanted = Signal()
    tag_wanted = Signal()
    assign_wanted = Signal()
    participant_wanted = Signal()
    session_wanted = Signal()
    region_wanted = Signal()
    export_wanted = Signal()
    throw_away_wanted = Signal()

    def __init__(self, place: QWidget, keys_in: QWidget) -> None:
        """Make them.

        Args:
            place: Where most keys work, with everything in it.
            keys_in: The list, where Delete works alone: in a field it deletes a letter.
        """
        super().__init__(place)
        self.title = self._action(self.title_wanted, "F2", place)
        self.tag = self._action(self.tag_wanted, "Ctrl+T", place)
        self.assign = self._action(self.assign_wanted)
        self.participant = self._action(self.participant_wanted)
        self.session = self._action(self.session_wanted)
        self.region = self._action(self.region_wanted)
        self.export = self._action(self.export_wanted, "Ctrl+E", place)
        self.throw_away = self._action(self.throw_away_wanted, "Del", keys_in)
        self.title.setText(self.tr("Give it a title"))
        self.tag.setText(self.tr("Add a tag"))
        self.region.setText(self.tr("Draw the region by hand…"))
        self.show_selection(None, 0)

    def show_selection(self, current: TakeRow | None, n_selected: int) -> None:
        """Name what they are about; all are disabled where nothing is selected."""
        some = self.tr("this take") if n_selected == 1 else words.takes(n_selected)
        self.assign.setText(self.tr("Assign {takes} to a participant…").format(takes=some))
        self.export.setText(self.tr("Export {takes}…").format(takes=some))
        self.throw_away.setText(self.tr("Throw {takes} away").format(takes=some))
        for action, words_of, name in (
            (self.participant, self.tr("Rename the participant {name}…"), "participant"),
            (self.session, self.tr("Rename the session {name}…"), "session"),
        ):
            action.setText(words_of.format(name=getattr(current, name, "")))
        for action in (self.assign, self.export, self.throw_away, self.tag):
            action.setEnabled(n_selected > 0)
        self.title.setEnabled(n_selected == 1)
        for action in (self.participant, self.session, self.region):
            action.setEnabled(current is not None)

    def menu(self, parent: QWidget) -> QMenu:
        """All of them."""
        menu = QMenu(parent)
        menu.addActions([self.title, self.tag, self.region])
        menu.addSeparator()
        menu.addActions([self.assign, self.participant, self.session])
        menu.addSeparator()
        menu.addActions([self.export, self.throw_away])
        return menu

    def _action(
        self, signal: SignalInstance, key: str = "", place: QWidget | None = None
    ) -> QAction:
        action = QAction(self)
        if place is not None:
            action.setShortcut(QKeySequence(key))
            is_alone = key == "Del"
            action.setShortcutContext(
                Qt.ShortcutContext.WidgetShortcut
                if is_alone
                else Qt.ShortcutContext.WidgetWithChildrenShortcut
            )
            place.addAction(action)
        action.triggered.connect(lambda: signal.emit())
        return action
