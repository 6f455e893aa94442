"""One moment that can be kept for labelling: what it was, its picture, keep it or let it go."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.icons import pixmap
from app.tasks import Problem
from app.theme import SPACING, theme
from app.widgets.buttons import IconButton, label
from app.widgets.depth_colours import DepthRange, depth_indices
from app.widgets.frame_view import hatch, turbo_colours
from app.widgets.pictures import image_of
from fsamt_engine.modalities.boxes import Box
from fsamt_engine.recognition.uncertainty import UncertainMoment
from fsamt_engine.units import format_duration

_PICTURE_PX = 56
_MARK_PX = 16
_SAMPLED = 4


class MomentRow(QFrame):
    """Offers a moment; once it is kept, says where it is."""

    keep_wanted = Signal()
    let_go_wanted = Signal()
    label_wanted = Signal()

    def __init__(self, moment: UncertainMoment, picture: QImage | None) -> None:
        super().__init__()
        self.setObjectName("card")
        self.moment = moment
        self.take_id = ""
        self.is_gone = False
        self._tone = ""
        self.picture = _Picture(picture)
        self.what = label(self._words(), wrap=True, small=True)
        self.when = label(quiet=True, small=True)
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.state = label(small=True)
        self.keep = QPushButton(self.tr("Keep"))
        self.keep.setToolTip(
            self.tr("Store its depth as a take, and put it into the labelling queue")
        )
        self.keep.clicked.connect(self.keep_wanted)
        self.drop = IconButton("close", self.tr("Let it go: nothing of it is stored"), size=16)
        self.drop.clicked.connect(self.let_go_wanted)
        self.label_it = QPushButton(self.tr("Label it"))
        self.label_it.setToolTip(
            self.tr("Go to the page Label, where it waits among the suggested")
        )
        self.label_it.clicked.connect(self.label_wanted)
        for button in (self.keep, self.label_it, self.drop):
            # After a click the space bar is still the page's.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for button in (self.keep, self.label_it):
            button.setAccessibleDescription(self._words())
        self._build()
        self.show_age(moment.host_at_us)
        self.show_waiting()

    def _build(self) -> None:
        stored = QHBoxLayout()
        stored.setSpacing(4)
        stored.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        stored.addWidget(self.state, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.keep)
        buttons.addStretch(1)
        buttons.addWidget(self.label_it)
        buttons.addWidget(self.drop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.what)
        words.addWidget(self.when)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self._parts = (self.picture, self.what, self.when, self._mark, self.state)
        self._buttons = (self.keep, self.label_it, self.drop)
        for part in (*self._parts, *self._buttons[::2]):
            # A card is as high whatever it says: those below it never move under the pointer.
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(4)
        column.addLayout(row)
        column.addLayout(stored)
        column.addLayout(buttons)

    def show_age(self, now_us: int) -> None:
        """How long ago it was."""
        seconds = max(0, now_us - self.moment.host_at_us) / 1e6
        text = self.tr("{time} ago").format(time=format_duration(seconds))
        if text != self.when.text():
            self.when.setText(text)

    def show_time(self) -> None:
        """The time of day at which it was, where nothing counts on."""
        at = datetime.fromtimestamp(self.moment.host_at_us / 1e6)
        self.when.setText(self.tr("at {time}").format(time=f"{at:%H:%M:%S}"))

    def show_waiting(self) -> None:
        """Nothing of it is stored."""
        self._show("", "", keep=True)

    def show_keeping(self) -> None:
        """It is being written."""
        self._show("", self.tr("Being kept…"))

    def show_kept(self, take_id: str) -> None:
        """It is in the library."""
        self.take_id = take_id
        self._show("good", self.tr("In the labelling queue"), label_it=True)

    def show_problem(self, problem: Problem) -> None:
        """Why it could not be kept; it can be tried again."""
        self._show("bad", self.tr("Could not be kept"), keep=True)
        self.state.setToolTip(f"{problem.message} {problem.hint}".strip())

    def show_gone(self) -> None:
        """Only its place is left, until it can be closed without moving other cards."""
        self.is_gone = True
        for part in (*self._parts, *self._buttons):
            part.hide()
        self.setAccessibleName("")

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be decided any more."""
        return bool(self.take_id)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_mark()

    def _words(self) -> str:
        moment = self.moment
        if moment.guess is None:
            return self.tr("Without an answer")
        guess = _with_share(moment.guess, moment.score)
        if moment.rival is None or moment.is_chosen:
            return guess
        return self.tr("{guess} or {rival}").format(
            guess=guess, rival=_with_share(moment.rival, moment.rival_score)
        )

    def _show(self, tone: str, words: str, *, keep: bool = False, label_it: bool = False) -> None:
        self._tone = tone
        self.state.setText(words)
        self.state.setToolTip("")
        self.state.setVisible(bool(words))
        self._mark.setVisible(bool(tone))
        self._draw_mark()
        self.keep.setVisible(keep)
        self.label_it.setVisible(label_it)
        self.drop.setVisible(keep or label_it)
        if label_it:
            self.drop.say(self.tr("Take it off this list; it stays in the library"))
        self.setAccessibleName(f"{self._words()} {words}".strip())

    def _draw_mark(self) -> None:
        if self._tone:
            colour = getattr(theme().palette, self._tone)
            self._mark.setPixmap(pixmap(self._tone, colour, _MARK_PX))


def _with_share(action: str, share: float) -> str:
    """As "wave 45 %", of which the number and its unit stay together."""
    return f"{action} {100 * share:.0f}\u00a0%"


class _Picture(QWidget):
    """The square that the network saw, in the colours of depth; hatched where nothing was read."""

    def __init__(self, image: QImage | None) -> None:
        super().__init__()
        self._image = image
        self.setFixedSize(_PICTURE_PX, _PICTURE_PX)
        self.setAccessibleName(self.tr("Depth picture of this moment"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), hatch(colours))
        if self._image is not None:
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect((self.width() - size.width()) // 2, 0, size.width(), size.height())
            place.moveCenter(self.rect().center())
            painter.drawImage(place, self._image)
        painter.setPen(colours.colour("line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def picture_of(depth: NDArray[np.uint16], unit_m: float, box: Box) -> QImage | None:
    """What is seen of a frame in a box, small.

    Args:
        depth: (H, W) uint16, sensor units, 0 = no reading.
        unit_m: Metres of one unit.
        box: In pixels of the frame; it may reach over its edges.

    Returns:
        None where the box and the frame have nothing in common.
    """
    height, width = depth.shape
    x0, x1 = max(0, int(box.x0)), min(width, int(np.ceil(box.x1)))
    y0, y1 = max(0, int(box.y0)), min(height, int(np.ceil(box.y1)))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    step = max(1, max(x1 - x0, y1 - y0) // (3 * _PICTURE_PX))
    part = depth[y0:y1:step, x0:x1:step]
    shown = DepthRange.of(part[::_SAMPLED, ::_SAMPLED], unit_m)
    image = image_of(depth_indices(part, unit_m, shown), QImage.Format.Format_Indexed8)
    image.setColorTable(turbo_colours())
    return image
