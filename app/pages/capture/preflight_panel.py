"""Whether everything is fit for a recording, and what to do where it is not."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.icons import pixmap
from app.tasks import Problem
from app.theme import SPACING, theme
from app.widgets.buttons import IconButton, label
from fsamt_engine.capture.checks import Check
from fsamt_engine.library import QualityLevel

_MARK_PX = 16


class PreflightPanel(QWidget):
    """One line while all is well; what is not well is always shown, with what to do about it."""

    again_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._checks: tuple[Check, ...] = ()
        self._marks: list[tuple[QLabel, str]] = []
        self._summary_mark = QLabel()
        self._summary_mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.summary = label(small=True, wrap=True)
        self.unfold = IconButton("chevron-down", self.tr("Show all checks"), checkable=True)
        self.unfold.toggled.connect(self._show_checks)
        self.again = IconButton("repeat", self.tr("Check again"), size=16)
        self.again.clicked.connect(self.again_wanted)
        heading = QHBoxLayout()
        heading.setSpacing(4)
        heading.addWidget(label(self.tr("Preflight"), name="heading"))
        heading.addStretch(1)
        heading.addWidget(self.again)
        heading.addWidget(self.unfold)
        line = QHBoxLayout()
        line.setSpacing(SPACING)
        line.addWidget(self._summary_mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.summary, 1)
        self._list = QWidget()
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(heading)
        column.addLayout(line)
        column.addWidget(self._list)
        self.show_waiting(self.tr("No camera is chosen."))

    @property
    def checks(self) -> tuple[Check, ...]:
        """What was checked last."""
        return self._checks

    @property
    def level(self) -> QualityLevel | None:
        """The worst of all checks; None while there are none."""
        levels = [check.level for check in self._checks]
        order = (QualityLevel.BAD, QualityLevel.CAUTION, QualityLevel.GOOD)
        return next((level for level in order if level in levels), None)

    def show_waiting(self, words: str) -> None:
        """Say why there is no result yet."""
        self._checks = ()
        self._summarise("info", words)
        self.again.setEnabled(False)
        self.unfold.setEnabled(False)
        self._show_checks()

    def show_problem(self, problem: Problem) -> None:
        """Say why nothing could be checked."""
        self.show_waiting(f"{problem.message} {problem.hint}".strip())
        self._summarise("bad", self.summary.text())
        self.again.setEnabled(True)

    def show_checks(self, checks: Sequence[Check]) -> None:
        """Show what was found."""
        self._checks = tuple(checks)
        n_bad = sum(check.level is not QualityLevel.GOOD for check in checks)
        if n_bad == 0:
            words = self.tr("All {count} checks are good.").format(count=len(checks))
        elif n_bad == 1:
            words = self.tr("1 of {count} checks asks for attention.").format(count=len(checks))
        else:
            words = self.tr("{bad} of {count} checks ask for attention.").format(
                bad=n_bad, count=len(checks)
            )
        self._summarise(str(self.level or "info"), words)
        self.again.setEnabled(True)
        self.unfold.setEnabled(True)
        self._show_checks()

    def texts(self) -> str:
        """Everything that is shown, line by line."""
        labels = [self.summary, *self._list.findChildren(QLabel)]
        return "\n".join(shown.text() for shown in labels if shown.text())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the marks anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_marks()

    def _summarise(self, tone: str, words: str) -> None:
        self._marks = [(self._summary_mark, tone)]
        self.summary.setText(words)
        self._draw_marks()

    def _show_checks(self) -> None:
        is_unfolded = self.unfold.isChecked()
        self.unfold.show_icon("chevron-up" if is_unfolded else "chevron-down")
        self.unfold.say(
            self.tr("Show problems only") if is_unfolded else self.tr("Show all checks")
        )
        shown = [c for c in self._checks if is_unfolded or c.level is not QualityLevel.GOOD]
        before, self._list = self._list, QWidget()
        self._marks = self._marks[:1]
        grid = QGridLayout(self._list)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for check in shown:
            self._add(grid, check)
        self._column.replaceWidget(before, self._list)
        before.hide()
        before.deleteLater()
        self._list.setVisible(bool(shown))
        self._draw_marks()

    def _add(self, grid: QGridLayout, check: Check) -> None:
        row = grid.rowCount()
        mark = QLabel()
        mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        mark.setAccessibleName(str(check.level))
        self._marks.append((mark, str(check.level)))
        grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(check.name, small=True), row, 1)
        if self.unfold.isChecked() or not check.hint:
            grid.addWidget(label(check.words, small=True, quiet=True, wrap=True), row + 1, 1)
        if check.hint:
            hint = label(check.hint, small=True, quiet=not self.unfold.isChecked(), wrap=True)
            hint.setToolTip(check.words)
            grid.addWidget(hint, row + 2, 1)
        grid.setRowMinimumHeight(row + 3, 4)

    def _draw_marks(self) -> None:
        colours = theme().palette
        for mark, tone in self._marks:
            colour = colours.quiet if tone == "info" else getattr(colours, tone)
            mark.setPixmap(pixmap(tone, colour, _MARK_PX))
