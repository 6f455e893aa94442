"""The buttons below the pictures of the player."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from app.theme import SPACING
from app.widgets.buttons import IconButton, label

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class PlayControls(QWidget):
    """Play, frame steps, what is played again, speed, and where it stands.

    Attributes:
        loop: Checked while the take (or the interval) begins again at its end.
        interval: Checked while only the marked interval is played.
        tools: Where further buttons go.
    """

    stepped = Signal(int)
    """Frames to go on (or back)."""
    toggled = Signal()
    """Play or pause."""
    speed_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = IconButton("step-back", self.tr("One frame back"), shortcut="←")
        self.play = IconButton("play", self.tr("Play"), shortcut=self.tr("Space"))
        self.forward = IconButton("step-forward", self.tr("One frame on"), shortcut="→")
        self.loop = IconButton("loop", self.tr("Play again from the start"), checkable=True)
        self.loop.setChecked(True)
        self.interval = IconButton(
            "interval", self.tr("Play only the marked interval"), checkable=True
        )
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.forward.clicked.connect(lambda: self.stepped.emit(1))
        self.play.clicked.connect(self.toggled)
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setToolTip(self.tr("How fast the take is played"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g} ×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.currentIndexChanged.connect(self.speed_changed)
        self.position = label(quiet=True)
        self.position.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.position.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(4)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for control in (self.back, self.play, self.forward, self.loop, self.interval):
            row.addWidget(control)
        row.addSpacing(SPACING)
        row.addWidget(self.speed)
        row.addSpacing(SPACING)
        row.addLayout(self.tools)
        row.addWidget(self.position, 1)
        self.show_playing(False)
        self.allow_interval(False)

    def allow(self, is_allowed: bool) -> None:
        """Whether there is something to play."""
        for control in (self.back, self.play, self.forward):
            control.setEnabled(is_allowed)

    def allow_interval(self, is_allowed: bool) -> None:
        """Whether an interval is marked."""
        self.interval.setEnabled(is_allowed)
        self.interval.say(
            self.tr("Play only the marked interval")
            if is_allowed
            else self.tr("Plays only a part of the take, once an interval or a segment is chosen")
        )

    def show_playing(self, is_playing: bool) -> None:
        """Let the button say what it does now."""
        self.play.show_icon("pause" if is_playing else "play")
        self.play.say(self.tr("Pause") if is_playing else self.tr("Play"))
