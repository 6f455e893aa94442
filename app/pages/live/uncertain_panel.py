"""Moments for labelling: the last seconds at a press of a key, and those that were uncertain."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.pages.live.moment_row import MomentRow, picture_of
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.capture.camera import Frame
from fsamt_engine.library import StreamKind
from fsamt_engine.modalities.boxes import frame_box
from fsamt_engine.recognition.state import Answer, LiveState
from fsamt_engine.recognition.uncertainty import UncertainMoment, UncertaintyWatch

KEPT_S = 4
MOST_WAITING = 3
"""Frames of moments that wait to be decided on lie in memory; older ones are let go."""

_MOST_KEPT = 8


class UncertainPanel(QWidget):
    """Notices uncertain moments in the states it is shown; nothing is stored unless clicked."""

    moment_noticed = Signal(object)
    """An `UncertainMoment`: hold on to its frames, they leave the camera's memory soon."""
    keep_wanted = Signal(object)
    """The `UncertainMoment` that is to be stored; told of with `show_kept` or `show_problem`."""
    let_go = Signal(object)
    """The `UncertainMoment` whose frames nobody wants any more."""
    label_wanted = Signal(str)
    """The id of a take that is to be labelled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._watch = UncertaintyWatch(())
        self._number = 0
        self._newest: LiveState | None = None
        self._closest: tuple[Answer, Frame] | None = None
        self._shown_s = 0
        self.rows: list[MomentRow] = []
        self._gone: list[MomentRow] = []
        self.keep = QPushButton(self.tr("Keep the last {n} seconds").format(n=KEPT_S))
        self.keep.clicked.connect(self.keep_last)
        self.explanation = label(
            self.tr(
                "Moments at which two actions were close to each other appear here. A label of "
                "such a moment teaches most. Nothing is stored unless you keep it."
            ),
            quiet=True,
            small=True,
            wrap=True,
        )
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACING)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.keep)
        column.addWidget(self.explanation)
        column.addLayout(self._list)
        column.addStretch(1)
        self.show_possible(self.tr("Nothing is being recognised"))

    def show_actions(self, names: Mapping[str, str] | tuple[str, ...]) -> None:
        """The actions of the model, in its order."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._watch = UncertaintyWatch(self._names)

    def show_possible(self, why_not: str) -> None:
        """Whether there is anything to keep; "" where there is."""
        self.keep.setEnabled(not why_not)
        said = self.tr(
            "Store the depth of the last {n} seconds as a take, and put it into the labelling "
            "queue (K)"
        ).format(n=KEPT_S)
        self.keep.setToolTip(f"{why_not}." if why_not else said)
        self.settle()
        if why_not:
            self._newest = None
            for row in self.rows:
                row.show_time()

    def begin(self) -> None:
        """A recogniser begins: what was noticed before stays until it is decided on."""
        self._watch = UncertaintyWatch(self._names)
        self._closest = self._newest = None

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now.

        Args:
            now_us: The computer's clock, microseconds since 1970 UTC.
        """
        self._newest = state
        if state.answer is not None:
            moment = self._watch.push(state.answer)
            closest = self._watch.closest
            if moment is not None:
                self._notice(moment, state)
                self.settle()
            elif closest is state.answer and state.frame is not None:
                self._closest = (closest, state.frame)
        if now_us // 1_000_000 != self._shown_s:
            self._shown_s = now_us // 1_000_000
            for row in self.rows:
                row.show_age(now_us)
            self.settle()

    def keep_last(self) -> None:
        """Keep the last seconds, as the key K does."""
        state = self._newest
        if state is None or not self.keep.isEnabled():
            return
        at_us = state.answer.host_at_us if state.answer else 0
        at_us = state.frame.arrived_at_us if state.frame and not at_us else at_us
        moment = self._watch.moment_of(state.answer, at_us, is_chosen=True)
        picture = self._picture(state, state.answer, state.frame)
        row = self._add(moment, picture)
        row.show()
        self._keep(row)

    def show_kept(self, moment: UncertainMoment, take_id: str) -> None:
        """A moment is in the library."""
        if (row := self._row(moment)) is not None:
            row.show_kept(take_id)

    def show_problem(self, moment: UncertainMoment, problem: Problem) -> None:
        """A moment could not be stored; it can be tried again."""
        if (row := self._row(moment)) is not None:
            row.show_problem(problem)

    def clear(self) -> None:
        """Let go of everything, as when another library is opened."""
        for row in tuple(self.rows):
            self._drop(row)
        for row in tuple(self._gone):
            self._close(row)

    def settle(self) -> None:
        """Show what is new and close what is gone, where nothing moves under the pointer.

        A click meant for one button must not land on another that just came there. New cards
        come last; what is below this panel moves only while the pointer is in this panel or
        nowhere near, and cards close up only while it is nowhere near.
        """
        if self._is_clear:
            for row in tuple(self._gone):
                self._close(row)
        if self._is_clear or self.underMouse():
            for row in self.rows:
                row.show()

    @property
    def _is_clear(self) -> bool:
        """Whether the pointer is neither here nor in what moves along."""
        around = self.parentWidget()
        return not (self.underMouse() or (around is not None and around.underMouse()))

    def reason_of(self, moment: UncertainMoment) -> str:
        """Why it is in the labelling queue, for whoever labels it."""
        if moment.is_chosen:
            return self.tr("Kept by hand while it was being recognised live.")
        return self.tr("Live: {guess} {score:.0f} % or {rival} {other:.0f} %.").format(
            guess=moment.guess,
            score=100 * moment.score,
            rival=moment.rival,
            other=100 * moment.rival_score,
        )

    def _notice(self, moment: UncertainMoment, state: LiveState) -> None:
        answer, frame = self._closest or (state.answer, state.frame)
        self._closest = None
        waiting = [one for one in self.rows if not one.is_over and one.keep.isVisibleTo(one)]
        surplus = waiting[: len(waiting) + 1 - MOST_WAITING] if self._is_clear else ()
        if len(waiting) - len(surplus) >= MOST_WAITING:
            # Somebody is deciding: what is offered is not taken away from under the pointer.
            return
        for old in surplus:
            self._drop(old)
        row = self._add(moment, self._picture(state, answer, frame))
        self.moment_noticed.emit(row.moment)

    def _add(self, moment: UncertainMoment, picture: QImage | None) -> MomentRow:
        self._number += 1
        row = MomentRow(replace(moment, number=self._number), picture)
        row.keep_wanted.connect(lambda: self._keep(row))
        row.let_go_wanted.connect(lambda: self._drop(row))
        row.label_wanted.connect(lambda: self.label_wanted.emit(row.take_id))
        if self._is_clear:
            for old in [one for one in self.rows if one.is_over][: -_MOST_KEPT + 1]:
                self._drop(old)
        row.hide()
        self.rows.append(row)
        self._list.addWidget(row)
        self.explanation.hide()
        return row

    def _keep(self, row: MomentRow) -> None:
        row.show_keeping()
        self.keep_wanted.emit(row.moment)

    def _drop(self, row: MomentRow) -> None:
        self.rows.remove(row)
        row.show_gone()
        self._gone.append(row)
        if self._is_clear:
            self._close(row)
        if not row.is_over:
            self.let_go.emit(row.moment)

    def _close(self, row: MomentRow) -> None:
        self._gone.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.explanation.setVisible(not (self.rows or self._gone))

    def _row(self, moment: UncertainMoment) -> MomentRow | None:
        return next((row for row in self.rows if row.moment.number == moment.number), None)

    @staticmethod
    def _picture(state: LiveState, answer: Answer | None, frame: Frame | None) -> QImage | None:
        stream = state.opened.stream(StreamKind.DEPTH) if state.opened else None
        if frame is None or stream is None or not stream.unit_m:
            return None
        height, width = frame.pixels.shape[:2]
        box = answer.view.box if answer is not None else frame_box(width, height)
        return picture_of(frame.pixels, stream.unit_m, box)
