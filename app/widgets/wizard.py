"""Steps that lead to one thing: each with a title, what was chosen, and what is still missing.

How a page uses it::

    class People(WizardStep):
        def __init__(self) -> None:
            super().__init__()
            self.describe(self.tr("People"), self.tr("Who is trained on, and who is tested."))
            self.body.addWidget(self.list, 1)       # its content; scrolls where it is too high
            self.list.ticked.connect(self.changed)  # whenever summary or obstacle may differ

        @property
        def summary(self) -> str:                   # one line, shown once the step was visited
            return self.tr("3 trained, 1 tested")

        @property
        def obstacle(self) -> str:                  # a sentence; "" where one can go on
            return "" if self.list.names() else self.tr("Nobody is tested on. Choose a person.")

        def entered(self) -> None:                  # it is shown now
            ...

    wizard = Wizard((Start(), People(), Summary()))
    page.body.addWidget(wizard)
    page.set_primary(wizard.next_button)            # "Next: People"; Ctrl+Return presses it
    wizard.finished.connect(run_it)                 # pressed on the last step

The last step gives the button its words by `next_text` ("Transfer 1,248 pairs"). A step can be
jumped to by a click (or Alt+1, Alt+2, …) where nothing is missing in the steps before it; Alt+Left
goes back, Alt+Right on.
"""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon, pixmap
from app.theme import SPACING, theme
from app.widgets.buttons import label, primary_button
from app.widgets.step_list import StepList, StepMark

_MARK_PX = 16


class WizardStep(QWidget):
    """One step: derive from it, describe it, fill `body`, say what is chosen and what misses."""

    changed = Signal()
    """Its summary, obstacle or `next_text` may be different now."""

    def __init__(self, title: str = "", purpose: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.describe(title, purpose)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, SPACING, 0)
        self.body.setSpacing(SPACING)

    def describe(self, title: str, purpose: str) -> None:
        """Say what is decided here; before the step goes into its wizard.

        Args:
            title: Two words at most, as it stands in the list of steps.
            purpose: One or two sentences on what is decided here and why.
        """
        self.title = title
        self.purpose = purpose
        self.setAccessibleName(title)

    @property
    def summary(self) -> str:
        """What was chosen, in one line; shown in the list once the step was visited."""
        return ""

    @property
    def obstacle(self) -> str:
        """Why one cannot go on from here, and what to do; "" where one can. Asked often: cheap."""
        return ""

    @property
    def undone(self) -> str:
        """What `act` has to do before the steps after this one can be gone to, in a sentence."""
        return ""

    @property
    def next_text(self) -> str:
        """What the primary button says here; "" for "Next: …"."""
        return ""

    def entered(self) -> None:
        """The step is shown now."""

    def act(self) -> bool:
        """The primary button was pressed here; True where the step does something of its own.

        Then the wizard stays at the step ("Train teacher on 60 labels" before one can go on).
        """
        return False


class Wizard(QWidget):
    """The list of steps on the left, the current one on the right.

    Args:
        steps: In their order.
    """

    finished = Signal()
    """The primary button was pressed on the last step, and nothing is missing."""
    step_changed = Signal(int)

    def __init__(self, steps: Sequence[WizardStep], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps = tuple(steps)
        self._n_visited = 0
        self.list = StepList(tuple(step.title for step in self.steps))
        self.list.step_wanted.connect(self.go_to)
        self.next_button = primary_button("")
        self.next_button.clicked.connect(self.go_on)
        self.back_button = QPushButton(self.tr("Back"))
        self.back_button.setAccessibleName(self.tr("Back to the step before"))
        self.back_button.clicked.connect(self.go_back)
        self._heading = label(name="bigNumber")
        self._purpose = label(quiet=True, wrap=True)
        self._obstacle_mark = QLabel()
        self._obstacle_mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self._obstacle = label(wrap=True)
        self._stack = QStackedWidget()
        for step in self.steps:
            area = QScrollArea(widgetResizable=True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(step)
            self._stack.addWidget(area)
            step.changed.connect(self.refresh)
        self._build()
        self._add_keys()
        self._draw_marks()
        self._show(0)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._heading)
        top.addStretch(1)
        top.addWidget(self.back_button)
        self._foot = QFrame()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(SPACING)
        foot.addWidget(self._obstacle_mark, 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self._obstacle, 1)
        right = QVBoxLayout()
        right.setSpacing(SPACING)
        right.addLayout(top)
        right.addWidget(self._purpose)
        right.addWidget(self._stack, 1)
        right.addWidget(self._foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.list)
        row.addLayout(right, 1)

    def _add_keys(self) -> None:
        keys: dict[str, Callable[[], None]] = {
            "Alt+Left": self.go_back,
            "Alt+Right": self._next_by_key,
        }
        for place in range(min(len(self.steps), 9)):
            keys[f"Alt+{place + 1}"] = partial(self.go_to, place)
        for key, act in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    @property
    def place(self) -> int:
        """Number of the current step, from 0."""
        return self._stack.currentIndex()

    @property
    def step(self) -> WizardStep:
        """The current step."""
        return self.steps[self.place]

    @property
    def obstacle(self) -> str:
        """What is missing in the current step or one before it, "" where nothing is."""
        return self._obstacle_before(self.place) or self.step.obstacle

    def can_go_to(self, place: int) -> bool:
        """Whether nothing is missing in the steps before this one."""
        return not self._obstacle_before(place)

    def go_to(self, place: int) -> None:
        """Show a step; one that cannot be gone to yet is left alone."""
        if 0 <= place < len(self.steps) and self.can_go_to(place):
            self._show(place)
        else:
            self.refresh()

    def go_back(self) -> None:
        """Show the step before."""
        if self.place > 0:
            self._show(self.place - 1)

    def go_on(self) -> None:
        """Show the next step, or finish on the last; does nothing while something is missing."""
        if self.obstacle or self.step.act():
            return
        if self.place == len(self.steps) - 1:
            self.finished.emit()
        else:
            self._show(self.place + 1)

    def restart(self) -> None:
        """Begin again at the first step, as if none had been visited."""
        self._n_visited = 0
        self._show(0)

    def refresh(self) -> None:
        """Read summaries and obstacles of all steps anew; `WizardStep.changed` does it too."""
        before = ""
        for place, (step, button) in enumerate(zip(self.steps, self.list.buttons, strict=True)):
            obstacle = step.obstacle
            visited = place < self._n_visited
            mark = StepMark.AHEAD
            if visited:
                mark = StepMark.BLOCKED if obstacle else StepMark.DONE
            words = (obstacle or step.summary) if visited else ""
            if place == self.place and obstacle:
                words = step.summary
            tooltip = before or self.tr("{purpose} (Alt+{number})").format(
                purpose=step.purpose, number=place + 1
            )
            button.show_state(mark, words, tooltip, is_last=place == len(self.steps) - 1)
            button.setEnabled(not before)
            button.setChecked(place == self.place)
            before = before or obstacle or step.undone
        self._show_foot()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_obstacle_mark"):
            self._draw_marks()

    def _show(self, place: int) -> None:
        self._n_visited = max(self._n_visited, place + 1)
        focused = QApplication.focusWidget()
        was_in_step = focused is None or self._stack.isAncestorOf(focused)
        self._stack.setCurrentIndex(place)
        step = self.steps[place]
        if was_in_step and self.isVisible():
            # Otherwise the keys would be lost with the field that is hidden now.
            step.setFocus()
        self._heading.setText(step.title)
        self._purpose.setText(step.purpose)
        self._purpose.setVisible(bool(step.purpose))
        step.entered()
        self.refresh()
        self.step_changed.emit(place)

    def _show_foot(self) -> None:
        obstacle = self.obstacle
        is_last = self.place == len(self.steps) - 1
        words = self.step.next_text
        if not words and not is_last:
            words = self.tr("Next: {step}").format(step=self.steps[self.place + 1].title)
        self.next_button.setText(words)
        self.next_button.setEnabled(not obstacle)
        self.next_button.setToolTip(obstacle or self.tr("Go on (Ctrl+Enter or Alt+Right)"))
        self.next_button.setAccessibleDescription(obstacle)
        self.back_button.setEnabled(self.place > 0)
        self.back_button.setToolTip(
            self.tr("Back to “{step}” (Alt+Left)").format(step=self.steps[self.place - 1].title)
            if self.place > 0
            else self.tr("This is the first step.")
        )
        self._foot.setVisible(bool(obstacle))
        self._obstacle.setText(obstacle)

    def _next_by_key(self) -> None:
        """Alt+Right goes to the next step, but starts nothing."""
        if self.place < len(self.steps) - 1 and not self.step.next_text:
            self.go_on()

    def _obstacle_before(self, place: int) -> str:
        missing = (step.obstacle or step.undone for step in self.steps[:place])
        return next((words for words in missing if words), "")

    def _draw_marks(self) -> None:
        self._obstacle_mark.setPixmap(pixmap("caution", theme().palette.caution, _MARK_PX))
        self.back_button.setIcon(icon("chevron-left"))
