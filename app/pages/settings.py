"""Everything that can be set, from the table of settings, with a search."""

from typing import Any, cast

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon
from app.pages.page import Page
from app.preferences import Preferences
from app.settings_table import Row, Setting, settings_table
from app.studio import Studio
from app.theme import SPACING
from app.widgets.buttons import IconButton, label, separator

_WIDTH = 760
_CONTROL_WIDTH = 208


class SettingsPage(Page):
    """A search, and the settings group by group. A change is kept, and acts, at once."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Settings"))
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search settings"))
        self.search.setAccessibleName(self.tr("Search settings"))
        self.search.setToolTip(self.tr("Words of a setting's name or explanation (Ctrl+F)"))
        self.search.setMaximumWidth(_WIDTH)
        self._search_mark = QAction(self)
        self.search.addAction(self._search_mark, QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.rows = [SettingRow(studio.preferences, row) for row in settings_table()]
        self._groups: dict[str, _Group] = {}
        self._nothing = label(self.tr("No setting is called that."), quiet=True)
        self._nothing.hide()
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(2 * SPACING)
        for row in self.rows:
            if row.row.group not in self._groups:
                self._groups[row.row.group] = _Group(row.row.group)
                column.addWidget(self._groups[row.row.group])
            self._groups[row.row.group].add(row)
        column.addWidget(self._nothing)
        column.addStretch(1)
        content = QWidget()
        content.setMaximumWidth(_WIDTH)
        content.setLayout(column)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(content)
        self.body.addWidget(self.search)
        self.body.addSpacing(SPACING)
        self.body.addWidget(area, 1)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._find)
        studio.preferences.changed.connect(self._show_values)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_search_mark"):
            self._draw()

    def _draw(self) -> None:
        self._search_mark.setIcon(icon("search", "quiet"))

    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _filter(self, text: str) -> None:
        found = [row for row in self.rows if row.row.matches(text)]
        for row in self.rows:
            row.setVisible(row in found)
        for name, group in self._groups.items():
            group.setVisible(any(row.row.group == name for row in found))
        self._nothing.setVisible(not found)

    def _show_values(self) -> None:
        for row in self.rows:
            row.show_value()


class SettingRow(QWidget):
    """A setting: what it is on the left, its value and the way back to the default on the right."""

    def __init__(self, preferences: Preferences, row: Row) -> None:
        super().__init__()
        self.row = row
        self._preferences = preferences
        self.control = self._make_control()
        self.control.setAccessibleName(row.title)
        self.control.setAccessibleDescription(row.explanation)
        self.control.setToolTip(row.explanation)
        words = self.tr("Back to the default of “{title}”").format(title=row.title)
        self.reset = IconButton("undo", words)
        self.reset.clicked.connect(self._reset)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        column = QVBoxLayout()
        column.setSpacing(0)
        title = label(row.title)
        title.setBuddy(self.control)
        column.addWidget(title)
        column.addWidget(label(row.explanation, quiet=True, small=True, wrap=True))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(SPACING)
        layout.addLayout(column, 1)
        layout.addSpacing(2 * SPACING)
        layout.addWidget(self.reset)
        place = QWidget()
        place.setFixedWidth(_CONTROL_WIDTH)
        inside = QHBoxLayout(place)
        inside.setContentsMargins(0, 0, 0, 0)
        if isinstance(self.control, QCheckBox):
            inside.addStretch(1)
        inside.addWidget(self.control)
        layout.addWidget(place)
        self.show_value()

    def show_value(self) -> None:
        """Show what is set now."""
        value: Any = self._preferences.get(cast("Setting[Any]", self.row.setting))
        with QSignalBlocker(self.control):
            if isinstance(self.control, QCheckBox):
                self.control.setChecked(value)
            elif isinstance(self.control, QComboBox):
                self.control.setCurrentIndex(max(0, self.control.findData(value)))
            else:
                self.control.setValue(value)
        self.reset.setVisible(value != self.row.setting.default)

    def _make_control(self) -> QCheckBox | QComboBox | QSpinBox:
        row = self.row
        if row.choices:
            choice = QComboBox()
            for value, words in row.choices:
                choice.addItem(words, value)
            choice.currentIndexChanged.connect(lambda: self._put(choice.currentData()))
            return choice
        if isinstance(row.setting.default, bool):
            switch = QCheckBox()
            switch.toggled.connect(self._put)
            return switch
        number = QSpinBox(minimum=row.least, maximum=row.most, singleStep=row.step)
        number.setSuffix(f" {row.unit}")
        # A style sheet's padding does not reach the text of a spin box.
        number.lineEdit().setTextMargins(6, 0, 0, 0)
        number.valueChanged.connect(self._put)
        return number

    def _put(self, value: Any) -> None:
        self._preferences.put(self.row.setting, value)

    def _reset(self) -> None:
        self._put(self.row.setting.default)
        self.control.setFocus()


class _Group(QFrame):
    """A card with the settings of one group."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        self._layout.setSpacing(SPACING)
        self._layout.addWidget(label(title, name="heading"))

    def add(self, row: SettingRow) -> None:
        if self._layout.count() > 1:
            self._layout.addWidget(separator())
        self._layout.addWidget(row)
