"""Before published weights come in: which ones, and what of a frame they and their students see."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.fields import Choice
from fsamt_engine.library.offered_weights import Offered

_OFFER = Qt.ItemDataRole.UserRole
_WIDTH, _LIST_HEIGHT = 640, 216


@dataclass(frozen=True)
class Asked:
    """What a person chose.

    Attributes:
        name: Of weights to be fetched; "" for those of a file.
        crop: A `PublishedCrop`.
        flow: A `FlowMethod`.
    """

    name: str
    crop: str
    flow: str


class PublishedDialog(QDialog):
    """Asks what a file of weights does not say.

    Args:
        offered: Weights to choose from; none where a file or folder was chosen before.
        what: The file's or folder's name, and what was recognised in it.
        parent: The window that it stands before.
        sees_flow: Whether the weights are of a flow network: how flow is computed is asked.
    """

    def __init__(
        self, offered: Sequence[Offered], what: str, parent: QWidget, *, sees_flow: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Published weights as a teacher"))
        self.setMinimumWidth(_WIDTH)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Weights"))
        self.list.setToolTip(self.tr("Each is fetched from where it is published"))
        self.list.setFixedHeight(_LIST_HEIGHT)
        for one in offered:
            item = QListWidgetItem(f"{one.name}  ·  {one.summary}")
            item.setData(_OFFER, one)
            self.list.addItem(item)
        self.list.setVisible(bool(offered))
        self.licence = label(small=True, quiet=True, wrap=True)
        self.licence.setVisible(bool(offered))
        self.crop = Choice(
            self.tr("Sees"),
            (
                (
                    "person",
                    self.tr("Around the person"),
                    self.tr(
                        "The square around the person, found from depth: for takes with depth, "
                        "and for students that follow a person."
                    ),
                ),
                (
                    "centre",
                    self.tr("The middle"),
                    self.tr(
                        "The square in the frame's middle, exactly as the weights were published; "
                        "what is beside it is not seen."
                    ),
                ),
                (
                    "frame",
                    self.tr("The whole frame"),
                    self.tr("With dark bars above and below: nothing at the edges is lost."),
                ),
            ),
        )
        self.flow = Choice(
            self.tr("Flow"),
            (
                (
                    "tv-l1",
                    self.tr("As published (TV-L1)"),
                    self.tr(
                        "How it was computed when the weights were trained. Without a GPU it takes "
                        "long, once for each take."
                    ),
                ),
                (
                    "dis",
                    self.tr("Quick (DIS)"),
                    self.tr(
                        "Many times as quick on a processor, and a little unlike what the weights "
                        "were trained on."
                    ),
                ),
            ),
        )
        self.bring_in_button = primary_button(self.tr("Bring the weights in"))
        self.bring_in_button.setDefault(True)
        self.bring_in_button.clicked.connect(self.accept)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setToolTip(self.tr("Nothing comes in (Escape)"))
        self.cancel_button.clicked.connect(self.reject)
        self._build(what, sees_flow=sees_flow)
        self.list.currentItemChanged.connect(self._show_chosen)
        self.list.itemActivated.connect(self.accept)
        if offered:
            self.list.setCurrentRow(0)
        else:
            self.bring_in_button.setToolTip(
                self.tr("What the network is, and how it wants its input, is read from the file")
            )

    @property
    def asked(self) -> Asked:
        """What is chosen."""
        item = self.list.currentItem()
        name = "" if item is None else item.data(_OFFER).name
        return Asked(name, self.crop.value, self.flow.value)

    def _build(self, what: str, *, sees_flow: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        title = what or self.tr("Which weights?")
        column.addWidget(label(title, name="heading", wrap=True))
        column.addWidget(
            label(
                self.tr(
                    "They become a teacher that has seen nobody of this library. Colours, size, "
                    "frames and pace are those that the network was published with."
                ),
                wrap=True,
            )
        )
        column.addWidget(self.list)
        column.addWidget(self.licence)
        column.addWidget(label(self.tr("What it and its students see")))
        column.addWidget(self.crop)
        self._flow_title = label(self.tr("How flow is computed"))
        column.addWidget(self._flow_title)
        column.addWidget(self.flow)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.bring_in_button)
        column.addLayout(row)
        for part in (self._flow_title, self.flow):
            part.setVisible(sees_flow)

    def _show_chosen(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        one: Offered = item.data(_OFFER)
        self.licence.setText(self.tr("Licence: {licence}.").format(licence=one.licence))
        self.bring_in_button.setText(self.tr("Fetch {n} MB").format(n=f"{one.megabytes:,}"))
        self.bring_in_button.setToolTip(
            self.tr("What was fetched before is not fetched again; interrupted, it goes on")
        )
