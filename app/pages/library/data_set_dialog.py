"""Which takes of a data set come in, and whether they are copied; and what that will take."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import words
from app.icons import pixmap
from app.theme import SPACING, theme
from app.widgets.buttons import dialog_buttons, label, primary_button
from app.widgets.fields import Choice, TickList
from fsamt_engine.units import format_bytes, format_duration

if TYPE_CHECKING:
    from fsamt_engine.datasets.arrivals import Contents
    from fsamt_engine.datasets.importing import ImportChoice
    from fsamt_engine.learning.arrival_estimate import ArrivalEstimate

_MARK_PX = 16
_WIDTH, _HEIGHT = 720, 600


class DataSetDialog(QDialog):
    """Before a data set is imported."""

    estimate_wanted = Signal()
    """Measure what the present choice will take, and tell it with `show_estimate`."""

    def __init__(self, what: str, contents: "Contents", parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import a data set"))
        self.resize(_WIDTH, _HEIGHT)
        self._contents = contents
        self.people = TickList(self.tr("Participants"))
        self.people.setToolTip(self.tr("Only takes of the ticked people come in"))
        self.what = TickList(self.tr("Actions"))
        self.what.setToolTip(self.tr("Only takes with one of the ticked actions come in"))
        self.people.show_names(_counted(contents.participants))
        self.what.show_names(_counted(contents.actions))
        self.way = Choice(
            self.tr("How"),
            (
                (
                    "copied",
                    self.tr("Copy into the library"),
                    self.tr(
                        "Depth without loss; colour larger than 640 × 480 is reduced to 256 pixels"
                        " on its shorter side. The library needs nothing else then, and reads"
                        " quickest."
                    ),
                ),
                (
                    "in place",
                    self.tr("Leave where they are"),
                    self.tr(
                        "Videos and pictures are read in the data set, which has to stay; it is"
                        " never changed. Skeletons, and depth in MATLAB files, are copied."
                    ),
                ),
            ),
        )
        self.estimate_button = QPushButton(self.tr("Measure what it takes"))
        self.estimate_button.setToolTip(
            self.tr(
                "Imports a few takes on trial: time, disk, and what training will ask for later"
            )
        )
        self.estimate_button.clicked.connect(self._ask_for_estimate)
        self.estimate = label(small=True, quiet=True, wrap=True)
        self.caution = QLabel()
        self.caution.setFixedSize(_MARK_PX, _MARK_PX)
        self.caution.setAccessibleName(self.tr("Caution"))
        self.caution.setToolTip(self.tr("It does not fit on the disk"))
        self._draw_caution()
        self.import_button = primary_button("")
        self._build(what)
        self.people.ticked.connect(self._choice_changed)
        self.what.ticked.connect(self._choice_changed)
        self.way.changed.connect(self._choice_changed)
        self._choice_changed()

    @property
    def choice(self) -> "ImportChoice":
        """What is chosen."""
        from fsamt_engine.datasets.importing import ImportChoice

        people, actions = self.people.names(), self.what.names()
        return ImportChoice(
            () if len(people) == self.people.count() else people,
            () if len(actions) == self.what.count() else actions,
            self.way.value == "in place",
        )

    def show_estimate(self, found: "ArrivalEstimate") -> None:
        """Say what it will take."""
        arrival = found.arrival
        sentences = [
            self.tr("About {time}, {size} of {free} free on the disk.").format(
                time=format_duration(arrival.seconds),
                size=format_bytes(arrival.n_bytes),
                free=format_bytes(arrival.free_bytes),
            )
        ]
        if arrival.n_already_there:
            there = words.takes(arrival.n_already_there)
            sentences.append(self.tr("Already there: {takes}.").format(takes=there))
        if found.flow_s:
            sentences.append(
                self.tr(
                    "Later, when a training first asks: flow {flow} and {flow_size}, embeddings of"
                    " a {teacher} teacher {time} and {size} ({device})."
                ).format(
                    flow=format_duration(found.flow_s),
                    flow_size=format_bytes(found.flow_bytes),
                    teacher=found.teacher,
                    time=format_duration(found.embeddings_s),
                    size=format_bytes(found.embeddings_bytes),
                    device=found.device,
                )
            )
        if not arrival.fits:
            sentences.append(
                self.tr(
                    "There is no room for that: choose fewer takes, or a library on a larger disk."
                )
                if self.choice.in_place
                else self.tr("There is no room for that: leave them where they are.")
            )
        self.say(" ".join(sentences), is_caution=not arrival.fits)

    def say(self, text: str, *, is_caution: bool = False) -> None:
        """Write where the estimate goes; it can be asked for again."""
        self.estimate.setText(text)
        self.caution.setVisible(is_caution)
        self.estimate_button.setEnabled(True)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "caution"):
            self._draw_caution()

    def _draw_caution(self) -> None:
        self.caution.setPixmap(pixmap("caution", theme().palette.caution, _MARK_PX))

    def _build(self, what: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addWidget(label(what, name="heading", wrap=True))
        column.addWidget(
            label(
                self.tr(
                    "Takes that this library has already are left as they are. It can be paused,"
                    " and goes on where it was, even after the computer was switched off."
                ),
                quiet=True,
                wrap=True,
            )
        )
        lists = QHBoxLayout()
        lists.setSpacing(2 * SPACING)
        lists.addLayout(self._with_buttons(self.tr("Participants"), self.people), 2)
        lists.addLayout(self._with_buttons(self.tr("Actions"), self.what), 3)
        column.addLayout(lists, 1)
        column.addWidget(self.way)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.estimate_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.caution, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.estimate, 1)
        column.addLayout(row)
        column.addLayout(dialog_buttons(self, self.import_button))

    def _with_buttons(self, name: str, ticks: TickList) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(label(name, quiet=True), 1)
        for title, purpose, ticked in (
            (self.tr("All"), self.tr("Tick all of them"), True),
            (self.tr("None"), self.tr("Tick none of them"), False),
        ):
            button = QPushButton(title)
            button.setToolTip(purpose)
            button.setAccessibleName(f"{name}: {title}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _, to=ticked: ticks.tick_all(to))
            head.addWidget(button)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(ticks, 1)
        return column

    def _ask_for_estimate(self) -> None:
        self.estimate_button.setEnabled(False)
        self.estimate.setText(self.tr("Measuring on a few takes…"))
        self.caution.hide()
        self.estimate_wanted.emit()

    def _choice_changed(self) -> None:
        is_any = bool(self.people.names()) and bool(self.what.names() or not self.what.count())
        n = self._contents.n_takes(self.choice) if is_any else 0
        self.import_button.setText(self.tr("Import {takes}").format(takes=words.takes(n)))
        self.import_button.setEnabled(n > 0)
        self.import_button.setToolTip(
            "" if n else self.tr("Tick a participant and an action first")
        )
        self.estimate_button.setEnabled(n > 0)
        self.estimate.setText("")
        self.caution.hide()


def _counted(names: dict[str, int]) -> dict[str, str]:
    return {name: f"{name} · {n:,}" for name, n in names.items()}
