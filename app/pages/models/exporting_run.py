"""An export on its way: what is done, what is being done, and a way to break it off."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.icons import pixmap
from app.pages.models.exporting_parts import card, facts_grid, show_facts
from app.theme import SPACING, theme
from app.widgets.buttons import label
from fsamt_engine.progress import Progress
from fsamt_engine.units import format_duration

_BAR_STEPS = 1000
_MARK_PX = 16


class ExportRun(QWidget):
    """One line for each thing that the engine says it does; those before the last are done."""

    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = label(name="bigNumber", wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(self.tr("Progress of the export"))
        self.where = label(quiet=True, wrap=True)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self._facts = facts_grid()
        self._steps: list[tuple[QLabel, QLabel]] = []
        self._lines = QGridLayout()
        self._lines.setSpacing(SPACING)
        self._lines.setColumnStretch(1, 1)
        self._build()

    def _build(self) -> None:
        happens, inside = card(self.tr("What happens"))
        inside.addLayout(self._lines)
        inside.addStretch(1)
        inside.addWidget(
            label(
                self.tr(
                    "The file is written beside its place and moved there at the end. If you "
                    "cancel, or if it does not answer as the original, nothing stays behind."
                ),
                quiet=True,
                wrap=True,
            )
        )
        what, inside = card(self.tr("What will be written"))
        inside.addLayout(self._facts)
        inside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        row.addWidget(happens, 1)
        row.addWidget(what, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.where, 1)
        foot.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.heading)
        column.addWidget(self.bar)
        column.addLayout(foot)
        column.addSpacing(SPACING)
        column.addLayout(row)
        column.addStretch(1)

    def begin(self, name: str, facts: Sequence[tuple[str, str]]) -> None:
        """Show the beginning of an export.

        Args:
            name: Of the file.
            facts: What will be written, line by line.
        """
        show_facts(self._facts, facts)
        self.heading.setText(self.tr("Exporting {name}").format(name=name))
        for part in (part for step in self._steps for part in step):
            self._lines.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._steps.clear()
        self.bar.setRange(0, 0)
        self.where.setText(self.tr("Getting ready…"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.cancel_button.setEnabled(True)
        self.cancel_button.setToolTip(self.tr("Break it off; nothing is left behind (Escape)"))

    def show_progress(self, news: Sequence[Progress]) -> None:
        """Go on with what was told since the last time."""
        for one in news:
            if not self._steps or self._steps[-1][1].text() != one.what:
                self._add_step(one.what)
        latest = news[-1]
        is_counted = latest.total > 1
        self.bar.setRange(0, _BAR_STEPS if is_counted else 0)
        if is_counted:
            self.bar.setValue(round(_BAR_STEPS * latest.done / latest.total))
        parts = []
        if is_counted:
            parts.append(
                self.tr("{done} of {total}").format(done=f"{latest.done:,}", total=latest.total)
            )
        if latest.seconds_left is not None:
            left = format_duration(latest.seconds_left)
            parts.append(self.tr("{time} left of this step").format(time=left))
        self.where.setText(" · ".join(parts))

    def show_cancelling(self) -> None:
        """It was asked to stop, and will at its next step."""
        self.cancel_button.setText(self.tr("Cancelling…"))
        self.cancel_button.setEnabled(False)
        self.cancel_button.setToolTip(self.tr("It ends with what it is doing now"))

    @property
    def steps(self) -> tuple[str, ...]:
        """What was said to be done so far, the last of them under way."""
        return tuple(words.text() for _, words in self._steps)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the marks anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_steps"):
            self._draw_marks()

    def _add_step(self, what: str) -> None:
        mark, words = QLabel(), label(what, wrap=True)
        mark.setFixedSize(_MARK_PX, _MARK_PX)
        row = len(self._steps)
        self._lines.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        self._lines.addWidget(words, row, 1)
        self._steps.append((mark, words))
        self._draw_marks()

    def _draw_marks(self) -> None:
        colours = theme().palette
        for number, (mark, words) in enumerate(self._steps):
            is_done = number < len(self._steps) - 1
            name, colour = ("check", colours.good) if is_done else ("run", colours.accent)
            mark.setPixmap(pixmap(name, colour, _MARK_PX))
            mark.setAccessibleName(self.tr("done") if is_done else self.tr("under way"))
            words.setProperty("quiet", is_done)
            words.style().unpolish(words)
            words.style().polish(words)
