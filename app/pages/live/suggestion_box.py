"""Thresholds from labelled takes: asked for, worked out, looked at, and only then applied."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.icons import pixmap
from app.tasks import Problem
from app.theme import SPACING, theme
from app.widgets.buttons import label
from app.widgets.notice import Notice
from fsamt_engine.progress import Progress
from fsamt_engine.recognition.settings import RecognitionSettings

if TYPE_CHECKING:
    from fsamt_engine.recognition.thresholds import ActionThreshold, ThresholdSuggestion

_FALSE_ALARMS = 0.5
_MARK_PX = 16


class SuggestionBox(QWidget):
    """Whoever wires it does the work between `wanted` and `show_suggestion`."""

    wanted = Signal(float)
    """False alarms a minute that are acceptable."""
    stop_wanted = Signal()
    """What is being worked out is not wanted any more."""
    accepted = Signal(object)
    """The `ThresholdSuggestion` that is to hold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._settings = RecognitionSettings()
        self._suggestion: ThresholdSuggestion | None = None
        self._is_working = False
        self.false_alarms = QDoubleSpinBox(
            minimum=0.05, maximum=60, decimals=2, singleStep=0.25, value=_FALSE_ALARMS
        )
        self.false_alarms.setAccessibleName(self.tr("False alarms a minute"))
        self.false_alarms.setToolTip(
            self.tr("How often an action may be recognised where there is none; fewer misses more")
        )
        self.false_alarms.lineEdit().setTextMargins(6, 0, 0, 0)
        self.suggest = QPushButton(self.tr("Suggest from labelled takes…"))
        self.suggest.clicked.connect(self._ask)
        self.state = label(small=True, quiet=True, wrap=True)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName(self.tr("How far the suggestion is"))
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.setToolTip(self.tr("Leave the thresholds as they are"))
        self.stop.clicked.connect(self.stop_wanted)
        self.problem = Notice()
        self.heading = label(self.tr("Suggested thresholds"), name="heading")
        self._mark = QLabel()
        self._mark.setFixedSize(_MARK_PX, _MARK_PX)
        self.rests_on = label(small=True, wrap=True)
        self._basis, self._changes, self._decide = QWidget(), QWidget(), QWidget()
        self._found_parts = (self.heading, self._basis, self._changes, self._decide)
        self._grid = QGridLayout(self._changes)
        self.apply = QPushButton(self.tr("Apply"))
        self.apply.clicked.connect(self._accept)
        self.discard = QPushButton(self.tr("Discard"))
        self.discard.setToolTip(self.tr("Leave the thresholds as they are"))
        self.discard.clicked.connect(self.clear)
        self._build()
        self.clear()

    def _build(self) -> None:
        allowed = QHBoxLayout()
        allowed.setSpacing(SPACING)
        title = label(self.tr("False alarms a minute"), small=True)
        title.setBuddy(self.false_alarms)
        allowed.addWidget(title, 1)
        allowed.addWidget(self.false_alarms)
        self.false_alarms.setFixedWidth(88)
        basis = QHBoxLayout(self._basis)
        basis.setContentsMargins(0, 0, 0, 0)
        basis.setSpacing(SPACING)
        basis.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        basis.addWidget(self.rests_on, 1)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        decide = QHBoxLayout(self._decide)
        decide.setContentsMargins(0, 0, 0, 0)
        decide.setSpacing(SPACING)
        decide.addWidget(self.apply)
        decide.addWidget(self.discard)
        decide.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(allowed)
        column.addWidget(self.suggest)
        column.addWidget(self.state)
        column.addWidget(self.progress)
        column.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.problem)
        for part in self._found_parts:
            column.addWidget(part)

    @property
    def suggestion(self) -> "ThresholdSuggestion | None":
        """What lies there to be applied."""
        return self._suggestion

    def show_actions(self, names: tuple[str, ...]) -> None:
        """The actions of another model: what was found for the one before is gone."""
        if names != self._names:
            self._names = names
            self.clear()

    def show_settings(self, settings: RecognitionSettings) -> None:
        """What holds now, to be compared with a suggestion."""
        self._settings = settings
        self._show()

    def show_working(self) -> None:
        """It is being worked out."""
        self._is_working, self._suggestion = True, None
        self.problem.hide()
        self.progress.setRange(0, 0)
        self.state.setText(self.tr("Going through labelled takes as if they were live…"))
        self._show()

    def show_progress(self, news: tuple[Progress, ...]) -> None:
        """How far it is."""
        latest = news[-1]
        self.progress.setRange(0, latest.total or 0)
        self.progress.setValue(latest.done)
        self.state.setText(latest.what)

    def show_suggestion(self, suggestion: "ThresholdSuggestion") -> None:
        """What was found, and what it rests on; nothing is applied yet."""
        self._is_working, self._suggestion = False, suggestion
        self._show()

    def show_problem(self, problem: Problem) -> None:
        """Why nothing was found."""
        self.clear()
        self.problem.show_problem(problem)

    def clear(self) -> None:
        """Nothing is worked out, and nothing lies there."""
        self._is_working, self._suggestion = False, None
        self.problem.hide()
        self._show()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _ask(self) -> None:
        self.wanted.emit(round(self.false_alarms.value(), 2))

    def _accept(self) -> None:
        suggestion = self._suggestion
        if suggestion is not None:
            self.clear()
            self.accepted.emit(suggestion)

    def _show(self) -> None:
        found = self._suggestion
        why_not = "" if self._names else self.tr("Choose a recogniser first")
        for working in (self.state, self.progress, self.stop):
            working.setVisible(self._is_working)
        self.suggest.setVisible(not self._is_working and found is None)
        self.suggest.setEnabled(not why_not)
        self.suggest.setToolTip(
            why_not
            or self.tr(
                "Goes through labelled takes of people whom this recogniser has never seen, frame "
                "by frame as if they were live, and looks for thresholds with so few false alarms. "
                "Nothing changes before you have looked at them."
            )
        )
        self.false_alarms.setEnabled(not self._is_working and not why_not)
        for part in self._found_parts:
            part.setVisible(found is not None)
        if found is not None:
            self._show_found(found)

    def _show_found(self, found: "ThresholdSuggestion") -> None:
        self.rests_on.setText(found.words)
        self._mark.setVisible(found.is_of_test)
        self._draw()
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        begins = self.tr("Told from") if found.of_detector else self.tr("Begins")
        for column, word in enumerate((self.tr("Action"), begins, self.tr("Found"))):
            self._add(label(word, small=True, quiet=True), 0, column)
        for row, one in enumerate(found.per_action, start=1):
            self._add_action(row, one)
        changes = found.applied_to(self._settings) != self._settings
        self.apply.setEnabled(changes)
        self.apply.setToolTip(
            self.tr("These thresholds hold from now on, and are kept with the recogniser")
            if changes
            else self.tr("The thresholds are these already")
        )

    def _add_action(self, row: int, one: "ActionThreshold") -> None:
        before = self._settings.of(one.action)
        on, was_on = round(100 * one.threshold.on), round(100 * before.on)
        begins = f"{was_on} → {on} %" if on != was_on else f"{on} %"
        found = self.tr("{found} of {n}").format(found=one.n_found, n=one.n_segments)
        said = (
            self.tr("{action}: begins at {on} %, ends below {off:.0f} %. False alarms: {alarms}.")
            if one.threshold.off < one.threshold.on
            else self.tr("{action}: told from a score of {on} % on. False alarms: {alarms}.")
        ).format(action=one.action, on=on, off=100 * one.threshold.off, alarms=one.n_false_alarms)
        for column, text in enumerate((one.action, begins, found)):
            cell = label(text, small=True, quiet=column == 1 and on == was_on)
            cell.setToolTip(said)
            cell.setAccessibleDescription(said)
            self._add(cell, row, column)

    def _add(self, cell: QLabel, row: int, column: int) -> None:
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(cell, row, column, side)

    def _draw(self) -> None:
        self._mark.setPixmap(pixmap("caution", theme().palette.caution, _MARK_PX))
