"""A message on a page: an icon, a sentence, what to do, and a bug's details folded away."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.icons import pixmap
from app.tasks import Problem
from app.theme import interface_font, theme
from app.widgets.buttons import IconButton, label

_MARK_PX = 20


class Notice(QFrame):
    """Hidden until it has something to say; can be closed by the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._tone = "info"
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self._message = label(wrap=True)
        self._message.setFont(interface_font(semibold=True))
        self._hint = label(quiet=True, wrap=True)
        self._details = QPlainTextEdit(readOnly=True)
        self._details.setAccessibleName(self.tr("Details of the problem"))
        self._details.setMinimumHeight(120)
        self._unfold = QPushButton(self.tr("Show details"))
        self._unfold.setCheckable(True)
        self._unfold.toggled.connect(self._fold_details)
        self._copy = QPushButton(self.tr("Copy details"))
        self._copy.clicked.connect(self._copy_details)
        close = IconButton("close", self.tr("Close this message"), size=16)
        close.clicked.connect(self.hide)
        actions = QHBoxLayout()
        actions.addWidget(self._unfold)
        actions.addWidget(self._copy)
        actions.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 8, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(self._message, 0, 1)
        grid.addWidget(close, 0, 2)
        grid.addWidget(self._hint, 1, 1)
        grid.addLayout(actions, 2, 1)
        grid.addWidget(self._details, 3, 1)
        grid.setColumnStretch(1, 1)
        self.hide()

    def show_problem(self, problem: Problem) -> None:
        """Say what went wrong."""
        self._show("bad", problem.message, problem.hint, problem.details)

    def show_message(self, message: str, hint: str = "", tone: str = "info") -> None:
        """Say something else; `tone` is "info", "good" or "caution"."""
        self._show(tone, message, hint, "")

    @property
    def message(self) -> str:
        """The sentence that is shown."""
        return self._message.text()

    @property
    def hint(self) -> str:
        """What it says can be done."""
        return self._hint.text()

    @property
    def details(self) -> str:
        """A bug's details, "" where there are none."""
        return self._details.toPlainText()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_mark()

    def _show(self, tone: str, message: str, hint: str, details: str) -> None:
        self._tone = tone
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self._draw_mark()
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._details.setPlainText(details)
        self._unfold.setChecked(False)
        self._details.hide()
        for button in (self._unfold, self._copy):
            button.setVisible(bool(details))
        self.setAccessibleName(f"{message} {hint}".strip())
        self.show()

    def _draw_mark(self) -> None:
        colours = theme().palette
        colour = colours.accent if self._tone == "info" else getattr(colours, self._tone)
        self._mark.setPixmap(pixmap(self._tone, colour, _MARK_PX))

    def _fold_details(self, unfolded: bool) -> None:
        self._details.setVisible(unfolded)
        self._unfold.setText(self.tr("Hide details") if unfolded else self.tr("Show details"))

    def _copy_details(self) -> None:
        text = "\n\n".join(part for part in (self.message, self.details) if part)
        QGuiApplication.clipboard().setText(text)
