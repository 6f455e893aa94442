"""What the student receives: chosen here, and shown as it sees a moment."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.fields import Choice
from app.widgets.frame_view import FrameView

PICTURE_HEIGHT = 192


class StudentCard(QFrame):
    """Depth, infrared or skeleton, as far as takes have them beside colour."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setProperty("chosen", True)
        self._seen: Mapping[str, QImage] = {}
        self._problem = ""
        self._title = label(name="bigNumber")
        self.picture = FrameView(self.tr("What the student sees"))
        self.picture.setFixedHeight(PICTURE_HEIGHT)
        self.choice = Choice(
            self.tr("The student sees"),
            (
                (
                    "depth",
                    self.tr("depth"),
                    self.tr(
                        "How far everything is, around the person. It has no colour, and knows "
                        "nobody by face or clothes. Later the camera gives nothing else."
                    ),
                ),
                (
                    "infrared",
                    self.tr("infrared"),
                    self.tr(
                        "The picture in infrared light, as depth cameras give it. It works in the "
                        "dark, but shows faces and clothes like a grey photograph. Such a student "
                        "cannot be used live yet."
                    ),
                ),
                (
                    "skeleton",
                    self.tr("skeleton"),
                    self.tr(
                        "Where the joints of up to two bodies are, and nothing of what the people "
                        "look like. The takes need skeletons, and such a student cannot be used "
                        "live yet."
                    ),
                ),
            ),
        )
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(label(self.tr("✓ the student sees this"), small=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(self.picture)
        column.addWidget(self.choice)
        column.addStretch(1)
        self.choice.changed.connect(self._choose)
        self._choose()

    @property
    def modality(self) -> str:
        """What is chosen."""
        return self.choice.value

    def offer(self, modalities: Sequence[str]) -> None:
        """Offer what takes have; what is chosen stays so, and the pairs say if there are none."""
        self.choice.offer(modalities, self.tr("No take in this library has it beside colour"))

    def show_sights(self, seen: Mapping[str, QImage], problem: str = "") -> None:
        """Show a moment as it is received; `problem` in place of what there is no picture of."""
        self._seen, self._problem = seen, problem
        self.picture.show_image(seen.get(self.modality), problem)

    def _choose(self) -> None:
        self._title.setText(self.modality)
        self.setAccessibleName(self.tr("The student sees {m}").format(m=self.modality))
        self.show_sights(self._seen, self._problem)
        self.chosen.emit()
