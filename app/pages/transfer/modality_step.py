"""The step that shows what the teacher sees, and why that matters."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.lookup import Lookup
from app.pages.transfer.sights import sights
from app.pages.transfer.student_card import PICTURE_HEIGHT, StudentCard
from app.tasks import Problem
from app.theme import SPACING, theme
from app.widgets.buttons import label
from app.widgets.frame_view import FrameView
from app.widgets.wizard import WizardStep
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress, ShouldStop


class ModalityStep(WizardStep):
    """Flow or RGB, said by the teacher, the other one a click away; and what the student sees."""

    teacher_wanted = Signal(str)
    """The id of a teacher of the other modality."""
    new_wanted = Signal(str)
    """A teacher of this modality is to be trained."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("Modalities"),
            self.tr(
                "The teacher says what is seen of colour: how the picture moves (flow), or the "
                "picture itself (rgb). What the student sees of the same moment is chosen here."
            ),
        )
        self._teacher: ModelRecord | None = None
        self.cards = {
            "flow": ModalityCard(
                "flow",
                (
                    self.tr("How every part of the picture moves between two frames."),
                    self.tr(
                        "Clothes, light and background are gone; what is left is motion, and that "
                        "is what depth shows as well. Usually the better teacher."
                    ),
                    self.tr(
                        "Measured on UTD-MHAD, 2 labels an action, a person never seen: its "
                        "students are right on 78.8 ± 5.8 % of the clips (docs, results)."
                    ),
                ),
            ),
            "rgb": ModalityCard(
                "rgb",
                (
                    self.tr("The colours themselves, frame by frame."),
                    self.tr(
                        "Nothing has to be computed, so getting ready is faster. But a teacher of "
                        "few people learns their clothes and rooms along with the actions."
                    ),
                    self.tr("Measured in the same way, its students are right on 72.4 ± 7.8 %."),
                ),
            ),
        }
        self.student = StudentCard()
        self.student.chosen.connect(self.changed)
        self._shown: tuple[str, ...] = ()
        self._look_up = Lookup(self.tr("Preparing a moment"), self)
        self._look_up.found.connect(self._show_sights)
        self._look_up.failed.connect(self._show_no_sights)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        for card in (*self.cards.values(), self.student):
            row.addWidget(card, 1)
        for card in self.cards.values():
            card.teacher_wanted.connect(self.teacher_wanted)
            card.new_wanted.connect(self.new_wanted)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def show_teacher(self, teacher: ModelRecord | None, teachers: Sequence[ModelRecord]) -> None:
        """Mark what this teacher sees; offer the newest of the others for the other modality."""
        self._teacher = teacher
        for modality, card in self.cards.items():
            of_it = [one for one in teachers if one.modality == modality]
            if teacher is not None and teacher.modality == modality:
                card.show_state(self.tr("✓ the teacher sees this"))
            else:
                card.offer(of_it[0] if of_it else None)
        self.changed.emit()

    def show_moment_of(self, library: Library, take_ids: Sequence[str]) -> None:
        """Show a moment of one of some takes as it is seen, made ready in the background."""
        teacher = self._teacher
        if teacher is None or (teacher.id, *take_ids) == self._shown:
            return
        self._shown = teacher.id, *take_ids

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Mapping[str, QImage]:
            return sights(library, teacher, take_ids, should_stop)

        self._show_nothing(self.tr("A moment is prepared."))
        self._look_up.ask(work)

    def wait(self) -> None:
        """Wait for the pictures, before the library is closed."""
        self._shown = ()
        self._look_up.drop()

    def _show_sights(self, seen: Mapping[str, QImage]) -> None:
        for modality, card in self.cards.items():
            card.picture.show_image(seen[modality])
        self.student.show_sights(seen)

    def _show_no_sights(self, problem: Problem) -> None:
        self._show_nothing(problem.message)

    def _show_nothing(self, why: str) -> None:
        for card in self.cards.values():
            card.picture.show_image(None, why)
        self.student.show_sights({}, why)

    @property
    def summary(self) -> str:
        """From the teacher's to the student's."""
        if self._teacher is None:
            return ""
        return self.tr("{teacher} to {student}").format(
            teacher=self._teacher.modality, student=self.student.modality
        )


class ModalityCard(QFrame):
    """What a modality is, and whether the chosen teacher sees it.

    Args:
        modality: "flow" or "rgb".
        paragraphs: What it is, what it means, what was measured.
    """

    teacher_wanted = Signal(str)
    new_wanted = Signal(str)

    def __init__(self, modality: str, paragraphs: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._modality = modality
        self._other: ModelRecord | None = None
        self.state = label(small=True)
        self.picture = _SightView(modality)
        self.button = QPushButton()
        self.button.clicked.connect(self._pressed)
        top = QHBoxLayout()
        top.addWidget(label(modality, name="bigNumber"))
        top.addStretch(1)
        top.addWidget(self.state)
        foot = QHBoxLayout()
        foot.addWidget(self.button)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(self.picture)
        for number, paragraph in enumerate(paragraphs):
            column.addWidget(label(paragraph, wrap=True, quiet=number > 0))
        column.addStretch(1)
        column.addLayout(foot)
        self.button.hide()

    def show_state(self, words: str) -> None:
        """Say that it is seen by who was chosen."""
        self.state.setText(words)
        self.button.hide()
        self._mark(is_chosen=True)

    def offer(self, other: ModelRecord | None) -> None:
        """Offer a teacher that sees it; None where one would have to be trained."""
        self._other = other
        self.state.clear()
        self.button.show()
        if other is not None:
            self.button.setText(self.tr("Take a teacher that sees {m}").format(m=self._modality))
            self.button.setToolTip(other.name)
        else:
            self.button.setText(self.tr("Train a teacher that sees {m}…").format(m=self._modality))
            self.button.setToolTip(self.tr("This library has none yet"))
        self._mark(is_chosen=False)

    def _mark(self, *, is_chosen: bool) -> None:
        self.setProperty("chosen", is_chosen)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(f"{self._modality} {self.state.text()}".strip())

    def _pressed(self) -> None:
        if self._other is not None:
            self.teacher_wanted.emit(self._other.id)
        else:
            self.new_wanted.emit(self._modality)


class _SightView(FrameView):
    """A picture as a network receives it; where nothing moves, flow is the page's ground."""

    def __init__(self, modality: str) -> None:
        super().__init__(modality)
        self._is_flow = modality == "flow"
        self.setFixedHeight(PICTURE_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The picture in its own proportions."""
        image = self.image
        if image is None or not self._is_flow:
            super().paintEvent(event)
            return
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint((self.width() - size.width()) // 2, 0), size)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(place, theme().palette.colour("ground"))
        painter.drawImage(place, image)
