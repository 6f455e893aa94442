"""Below the timeline: what a key would label now, the suggestion, and what was saved last."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.icons import pixmap
from app.pages.label.desk import LabelDesk
from app.theme import SPACING, theme
from app.widgets.buttons import label

_MARK_PX = 16
_TARGET_PX = 36


class TargetBar(QWidget):
    """Two lines that stand still, whatever they say."""

    accept_wanted = Signal()
    dismiss_wanted = Signal()

    def __init__(self, desk: LabelDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._tone = ""
        self.target = label(wrap=True)
        self.target.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.accept_button = QPushButton()
        self.accept_button.setToolTip(
            self.tr("Make it a label (Enter); its key names it otherwise")
        )
        self.accept_button.clicked.connect(self.accept_wanted)
        self.dismiss_button = QPushButton(self.tr("Dismiss"))
        self.dismiss_button.setToolTip(self.tr("Take this suggestion away (Backspace)"))
        self.dismiss_button.clicked.connect(self.dismiss_wanted)
        for button in (self.accept_button, self.dismiss_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.saved = label(quiet=True, small=True)
        self.saved.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.goes_on = QCheckBox(self.tr("On to the next take after a label"))
        self.goes_on.setToolTip(
            self.tr(
                "A take that was labelled as a whole, or a suggestion that was accepted, makes way "
                "for the next. Without it, Enter or Tab goes on."
            )
        )
        above = QHBoxLayout()
        above.setSpacing(SPACING)
        above.addWidget(self.target, 1)
        above.addWidget(self.accept_button)
        above.addWidget(self.dismiss_button)
        below = QHBoxLayout()
        below.setSpacing(SPACING)
        below.addWidget(self._mark)
        below.addWidget(self.saved, 1)
        below.addWidget(self.goes_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(above)
        column.addLayout(below)
        place = QWidget()
        place.setFixedSize(0, _TARGET_PX)
        above.addWidget(place)
        desk.choice_changed.connect(self.show_target)
        desk.labels_changed.connect(self.show_target)
        self.show_target()

    def show_target(self) -> None:
        """Say what a key would label now."""
        self.target.setText(self._target())
        self.target.setToolTip(self.target.text())
        suggestion = self._desk.suggestion
        for button in (self.accept_button, self.dismiss_button):
            button.setVisible(suggestion is not None)
        guess = suggestion.action if suggestion else None
        self.accept_button.setEnabled(guess is not None)
        self.accept_button.setText(
            self.tr("Accept “{action}”").format(action=guess) if guess else self.tr("Accept")
        )
        if suggestion is not None and guess is None:
            why = self.tr("There is no guess: press the key of an action to name it")
            self.accept_button.setToolTip(why)

    def show_saved(self, said: str) -> None:
        """Say what is on disk now."""
        self._show("good", self.tr("Saved: {change}").format(change=said))

    def show_hint(self, said: str) -> None:
        """Say something that was not done."""
        self._show("info", said)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _show(self, tone: str, said: str) -> None:
        self._tone = tone
        self.saved.setText(said)
        self.saved.setToolTip(said)
        self._draw()

    def _draw(self) -> None:
        if self._tone:
            colours = theme().palette
            colour = colours.good if self._tone == "good" else colours.quiet
            name = "check" if self._tone == "good" else "info"
            self._mark.setPixmap(pixmap(name, colour, _MARK_PX))

    def _target(self) -> str:
        desk = self._desk
        if desk.files is None:
            return ""
        if not desk.actions:
            return self.tr("Add an action first; its key labels then.")
        suggestion, segment = desk.suggestion, desk.segment
        if suggestion is not None:
            return self.tr("Suggested: {reason}").format(reason=suggestion.reason)
        where = self._where(*desk.interval) if desk.interval else ""
        if segment is not None:
            return self.tr("A key changes {action}, {where}").format(
                action=segment.action, where=where
            )
        if where:
            return self.tr("A key labels {where}").format(where=where)
        return self.tr("A key labels the whole take; held, what is played meanwhile")

    def _where(self, start: int, end: int) -> str:
        assert self._desk.files is not None
        times_us = self._desk.files.timeline.times_us
        seconds = (float(times_us[end - 1]) - float(times_us[start])) / 1e6
        return self.tr("frames {first} to {last} · {seconds:.2f} s").format(
            first=start + 1, last=end, seconds=seconds
        )
