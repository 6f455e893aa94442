"""An action's name, key, colour and description; and two actions that become one."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QButtonGroup,
    QColorDialog,
    QComboBox,
    QDialog,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.pages.label.key_map import may_be_an_action
from app.theme import SPACING, theme
from app.widgets.action_colours import contrast, line_colour
from app.widgets.buttons import dialog_buttons, label, primary_button
from fsamt_engine.library import Action
from fsamt_engine.library.marks import COLOURS, GREY, next_colour, next_key

_SWATCH = QSize(28, 28)
_SWATCHES_A_ROW = 11


class ColourField(QWidget):
    """Swatches that colour-blind people tell apart too, and any other colour.

    Args:
        colour: The chosen one, `#RRGGBB`.
        users: Names of the actions that have a colour already.
    """

    def __init__(self, colour: str, users: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colour = colour.upper()
        self._group = QButtonGroup(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for place, shade in enumerate((*COLOURS, GREY)):
            swatch = _Swatch(shade, users.get(shade.upper(), ""))
            swatch.setChecked(shade.upper() == self.colour)
            swatch.clicked.connect(lambda _=False, shade=shade: self._choose(shade))
            self._group.addButton(swatch)
            grid.addWidget(swatch, *divmod(place, _SWATCHES_A_ROW))
        self.other = QPushButton(self.tr("Another colour…"))
        self.other.setToolTip(self.tr("Any colour; the ones above are told apart most easily"))
        self.other.clicked.connect(self._ask)
        row = 1 + len(COLOURS) // _SWATCHES_A_ROW
        grid.addWidget(self.other, row, 0, 1, _SWATCHES_A_ROW)

    def _choose(self, colour: str) -> None:
        self.colour = colour.upper()

    def _ask(self) -> None:
        chosen = QColorDialog.getColor(QColor(self.colour), self, self.tr("Colour of the action"))
        if not chosen.isValid():
            return
        self.colour = chosen.name().upper()
        self._group.setExclusive(False)
        for button in self._group.buttons():
            button.setChecked(isinstance(button, _Swatch) and button.colour == self.colour)
        self._group.setExclusive(True)
        self.other.setText(self.tr("Another colour: {colour}").format(colour=self.colour))


class _Swatch(QToolButton):
    def __init__(self, colour: str, user: str) -> None:
        super().__init__()
        self.colour = colour.upper()
        self.setCheckable(True)
        self.setFixedSize(_SWATCH)
        said = self.tr("{colour}, the colour of {action}") if user else self.tr("{colour}, free")
        self.setToolTip(said.format(colour=colour, action=user))
        self.setAccessibleName(said.format(colour=colour, action=user))
        palette = theme().palette
        rim = line_colour(colour, "ground") if contrast(colour, palette.ground) < 3 else colour
        self.setStyleSheet(
            f"QToolButton {{ background: {colour}; border: 1px solid {rim}; border-radius: 6px; }}"
            f"QToolButton:checked {{ border: 3px solid {palette.text}; }}"
            f"QToolButton:focus {{ border: 2px solid {palette.accent}; }}"
        )


class ActionDialog(QDialog):
    """Asks what an action is called and how it is given.

    Args:
        actions: All there are.
        changed: The one that is changed; None for a new one.
    """

    def __init__(
        self, actions: Sequence[Action], changed: Action | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._others = [a for a in actions if changed is None or a.name != changed.name]
        self._changed = changed
        self._key_was_typed = changed is not None
        title = self.tr("Change the action") if changed else self.tr("A new action")
        self.setWindowTitle(title)
        self.setMinimumWidth(440)
        taken = [a.key for a in self._others]
        key = changed.key if changed else next_key("", taken)
        colours = [a.colour for a in self._others]
        colour = changed.colour if changed and changed.colour else next_colour("", colours)
        self.name = self._field(self.tr("Name"), changed.name if changed else "")
        self.name.setPlaceholderText(self.tr("wave, sit down, background…"))
        self.key = self._field(self.tr("Key"), key.upper())
        self.key.setMaxLength(1)
        self.key.setFixedWidth(56)
        self.key.setToolTip(self.tr("A letter or a digit; pressing it gives the label"))
        self.colour = ColourField(colour, {a.colour.upper(): a.name for a in self._others})
        self.description = self._field(
            self.tr("Description"), changed.description if changed else ""
        )
        self.description.setPlaceholderText(self.tr("When does it begin, when does it end?"))
        self.description.setToolTip(
            self.tr("So that everybody who labels means the same by it; shown in its tooltip")
        )
        self.problem = label(small=True, wrap=True)
        self.problem.setMinimumHeight(32)
        self.save = primary_button(
            self.tr("Save the changes") if changed else self.tr("Add the action")
        )
        self._arrange()
        for field in (self.name, self.key):
            field.textChanged.connect(self._check)
        self.key.textEdited.connect(self._note_typing)
        self.name.textChanged.connect(self._suggest_key)
        self.name.setFocus()
        self._check()

    def _arrange(self) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(2 * SPACING)
        form.setVerticalSpacing(SPACING)
        rows = (
            (self.tr("Name"), self.name),
            (self.tr("Key"), self.key),
            (self.tr("Colour"), self.colour),
            (self.tr("Description"), self.description),
        )
        for row, (words_of_field, field) in enumerate(rows):
            title = label(words_of_field)
            title.setBuddy(field)
            form.addWidget(title, row, 0)
            form.addWidget(field, row, 1)
        form.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addLayout(dialog_buttons(self, self.save))

    def action(self) -> Action:
        """What is written."""
        return Action(
            self.name.text().strip(),
            self.description.text().strip(),
            colour=self.colour.colour,
            key=self.key.text().strip().lower(),
        )

    def _note_typing(self) -> None:
        self._key_was_typed = True

    def _suggest_key(self, name: str) -> None:
        """`background` has 0, the others the first that is free, until one is typed."""
        if not self._key_was_typed:
            self.key.setText(next_key(name.strip(), [a.key for a in self._others]).upper())

    def _check(self) -> None:
        """Say what is wrong, and allow nothing before it is right."""
        name, key = self.name.text().strip(), self.key.text().strip()
        owner = next((a.name for a in self._others if key and a.key.lower() == key.lower()), None)
        problem = ""
        if any(a.name == name for a in self._others):
            problem = self.tr("There is an action “{name}” already.").format(name=name)
        elif key and not may_be_an_action(key):
            problem = self.tr("A key is a letter or a digit.")
        elif owner is not None:
            problem = self.tr("{key} is the key of “{action}”.").format(
                key=key.upper(), action=owner
            )
        elif not key:
            problem = self.tr("Without a key it can be given with the mouse only.")
        self.problem.setText(problem)
        self.save.setEnabled(bool(name) and (not problem or not key))
        if not name:
            why = self.tr("Give the action a name first")
        else:
            why = (
                problem if not self.save.isEnabled() else self.tr("Written to the library at once")
            )
        self.save.setToolTip(why)

    def _field(self, name: str, text: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(name)
        return field


class MergeDialog(QDialog):
    """Asks into which action another one goes.

    Args:
        merged: The one that is no more afterwards.
        others: Where its labels may go.
    """

    def __init__(
        self, merged: Action, others: Sequence[Action], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._merged = merged
        self.setWindowTitle(self.tr("Merge two actions"))
        self.setMinimumWidth(400)
        self.into = QComboBox()
        self.into.setAccessibleName(self.tr("The action that keeps the labels"))
        self.into.setToolTip(self.tr("Its name, key and colour stay"))
        for other in others:
            self.into.addItem(other.name, other)
        said = self.tr("The labels of “{name}” become labels of:").format(name=merged.name)
        self.consequence = label(quiet=True, small=True, wrap=True)
        self.merge = primary_button("")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addWidget(label(said, wrap=True))
        column.addWidget(self.into)
        column.addWidget(self.consequence)
        column.addLayout(dialog_buttons(self, self.merge))
        self.into.currentIndexChanged.connect(self._tell)
        self._tell()

    @property
    def target(self) -> str:
        """The name of the action that keeps the labels."""
        return self.into.currentText()

    def _tell(self) -> None:
        self.merge.setText(self.tr("Merge into “{name}”").format(name=self.target))
        self.consequence.setText(
            self.tr(
                "“{name}” is then gone from the library; {labels} go over. Models trained "
                "before keep the actions that they learned. It can be undone (Ctrl+Z)."
            ).format(name=self._merged.name, labels=words.labels(self._merged.n_segments))
        )
