"""Beside the player: the errors of a test, or all that was found in the shown take."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.pages.finetune.found_list import FoundList, FoundRow
from app.pages.finetune.judging import Evidence, Judged
from app.widgets.buttons import label
from fsamt_engine.evaluation.detections import Detection

_ERRORS, _HERE = range(2)
WIDTH = 280


class FoundPanel(QWidget):
    """Misses first and then false alarms, each the worst first; or one take from its beginning."""

    row_chosen = Signal(object)
    """The `FoundRow` that was clicked or gone to."""
    selection_changed = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self._judged: Judged | None = None
        self._evidence: Evidence | None = None
        self._colours: Mapping[str, str] = {}
        self.list = FoundList()
        self.list.row_chosen.connect(self.row_chosen)
        self.list.selection_changed.connect(self.selection_changed)
        self.list.menu_wanted.connect(self.menu_wanted)
        self._nothing = label(quiet=True, wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.views = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(4)
        for view, text, tooltip in (
            (_ERRORS, self.tr("Errors"), self.tr("Of all takes of the test, the worst first")),
            (_HERE, self.tr("In this take"), self.tr("All that was found in it, by time")),
        ):
            button = QPushButton(text)
            button.setProperty("choice", True)
            button.setCheckable(True)
            button.setToolTip(tooltip)
            self.views.addButton(button, view)
            row.addWidget(button, 1)
        self.views.button(_ERRORS).setChecked(True)
        self.views.idClicked.connect(self._fill)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.list, 1)
        column.addWidget(self._nothing, 1)

    def show_judged(self, judged: Judged | None, colours: Mapping[str, str]) -> None:
        """Another test, or another threshold."""
        self._judged, self._colours = judged, colours
        n = len(judged.misses) + len(judged.alarms) if judged else 0
        self.views.button(_ERRORS).setText(self.tr("Errors ({n})").format(n=f"{n:,}"))
        self._fill()

    def show_take(self, evidence: Evidence | None, *, only_here: bool = False) -> None:
        """Another take, or another threshold.

        Args:
            evidence: Of the shown take; None for none.
            only_here: Go to the list of this take, since it has no errors.
        """
        self._evidence = evidence
        n = len(evidence.detections) if evidence else 0
        self.views.button(_HERE).setText(self.tr("In this take ({n})").format(n=f"{n:,}"))
        if only_here:
            self.views.button(_HERE).setChecked(True)
        self._fill()

    def mark(self, place: tuple[str, int] | None) -> None:
        """Make the row of an item current, where it is in the list."""
        self.list.mark(place)

    @property
    def detections(self) -> list[Detection]:
        """What of the selected rows can be accepted."""
        return self.list.detections

    def _fill(self) -> None:
        rows = self._errors() if self.views.checkedId() == _ERRORS else self._here()
        self.list.show_rows(rows, dict(self._colours))
        self.list.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        self._nothing.setText(self._why_nothing())

    def _why_nothing(self) -> str:
        if self.views.checkedId() == _ERRORS:
            if self._judged is None:
                return self.tr("There is no test.")
            return self.tr("No error: everything was found, and nothing else.")
        if self._evidence is None:
            return self.tr("No take is shown.")
        return self.tr("Nothing was found in this take with such a score.")

    def _errors(self) -> Sequence[FoundRow]:
        judged = self._judged
        if judged is None:
            return ()
        rows: list[FoundRow] = []
        for words, places in (
            (self.tr("Worst misses ({n})"), judged.misses),
            (self.tr("False alarms ({n})"), judged.alarms),
        ):
            if places:
                rows.append(FoundRow(heading=words.format(n=f"{len(places):,}")))
            for take_id, item_id in places:
                evidence = judged.takes[take_id]
                rows.append(FoundRow(evidence, evidence.items[item_id]))
        return rows

    def _here(self) -> Sequence[FoundRow]:
        evidence = self._evidence
        if evidence is None:
            return ()
        items = sorted(
            (evidence.items[item_id] for item_id in evidence.detections),
            key=lambda item: (item.start, item.end, item.id),
        )
        return [FoundRow(evidence, item, names_take=False) for item in items]
