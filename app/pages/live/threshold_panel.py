"""When an answer counts: smoothing, shortest duration, thresholds; and thresholds from data."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QGridLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.pages.live.suggestion_box import SuggestionBox
from app.pages.live.threshold_table import ThresholdModel, ThresholdTable, moved
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.recognition.settings import (
    LONGEST_SHORTEST_S,
    LONGEST_SMOOTHING_S,
    RecognitionSettings,
    Threshold,
)

if TYPE_CHECKING:
    from fsamt_engine.recognition.thresholds import ThresholdSuggestion

_SETTLED_MS = 600


class ThresholdPanel(QWidget):
    """Every change holds at once, and is to be kept with the model a moment later."""

    settings_changed = Signal(object)
    """The `RecognitionSettings` that hold from now on."""
    settings_settled = Signal(object)
    """The same, when nothing was changed for a moment: to be kept with the model."""
    action_chosen = Signal(str)
    """The action of the row that is looked at; "" for none any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = RecognitionSettings()
        self._usual = RecognitionSettings()
        self._of_detector = False
        self.smoothing = _seconds(self.tr("Smoothing"), LONGEST_SMOOTHING_S)
        self.shortest = _seconds(self.tr("Shortest action"), LONGEST_SHORTEST_S)
        self.on = _percent(self.tr("Every action begins at"))
        self.off = _percent(self.tr("Every action ends below"))
        self._begins = label(small=True)
        self.model = ThresholdModel(self)
        self.table = ThresholdTable(self.model)
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.clicked.connect(self._reset_or_undo)
        self._before_reset: RecognitionSettings | None = None
        self.suggestion = SuggestionBox()
        self.suggestion.accepted.connect(self._accept)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settling.timeout.connect(lambda: self.settings_settled.emit(self._settings))
        self.model.edited.connect(self._edit_own)
        self.table.own_removed.connect(self._remove_own)
        self.table.action_chosen.connect(self.action_chosen)
        for field in (self.smoothing, self.shortest):
            field.valueChanged.connect(self._edit_times)
        self.on.valueChanged.connect(lambda v: self._edit_all(on=v / 100))
        self.off.valueChanged.connect(lambda v: self._edit_all(off=v / 100))
        self._build()
        self._explain()
        self._write()

    def _build(self) -> None:
        fields = QGridLayout()
        fields.setHorizontalSpacing(SPACING)
        fields.setVerticalSpacing(4)
        for place, (title, field) in enumerate(
            (
                (label(self.tr("Smoothing"), small=True), self.smoothing),
                (label(self.tr("Shortest action"), small=True), self.shortest),
                (self._begins, self.on),
                (label(self.tr("All end below"), small=True), self.off),
            )
        ):
            row, side = divmod(place, 2)
            title.setBuddy(field)
            fields.addWidget(title, 2 * row, side)
            fields.addWidget(field, 2 * row + 1, side)
            fields.setColumnStretch(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(fields)
        column.addWidget(self.table)
        column.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.suggestion)

    @property
    def settings(self) -> RecognitionSettings:
        """What is set."""
        return self._settings

    def show_actions(
        self,
        colours: Mapping[str, str],
        *,
        usual: RecognitionSettings | None = None,
        of_detector: bool = False,
    ) -> None:
        """Another model.

        Args:
            colours: Of its actions, in its order, as `#RRGGBB`.
            usual: Its settings before anybody changed them.
            of_detector: It tells of whole actions, from a score on: no moment of theirs is judged.
        """
        self._usual, self._of_detector = usual or RecognitionSettings(), of_detector
        told = {
            name: colour
            for name, colour in colours.items()
            if not (of_detector and name == BACKGROUND)
        }
        self.model.show_actions(told, of_detector=of_detector)
        self.table.show_ends(not of_detector)
        self.suggestion.show_actions(tuple(told))
        self._explain()

    def show_settings(self, settings: RecognitionSettings) -> None:
        """Show what is kept with a model; nobody is told."""
        self.flush()
        if settings != self._settings:
            self._before_reset = None
        self._settings = settings
        self._write()

    def forget_reset(self) -> None:
        """Another model comes: what was reset belongs to the one before."""
        self._before_reset = None

    def flush(self) -> None:
        """Tell at once what was changed a moment ago: another model comes, or the page is left."""
        if self._settling.isActive():
            self._settling.stop()
            self.settings_settled.emit(self._settings)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the colours anew in another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.model.redraw()

    def _write(self) -> None:
        settings = self._settings
        for times, seconds in (
            (self.smoothing, settings.smoothing_s),
            (self.shortest, settings.shortest_s),
        ):
            with QSignalBlocker(times):
                times.setValue(seconds)
        for shares, share in (
            (self.on, settings.threshold.on),
            (self.off, settings.threshold.off),
        ):
            with QSignalBlocker(shares):
                shares.setValue(round(100 * share))
        self.model.show_settings(settings)
        self.suggestion.show_settings(settings)
        is_usual = settings == self._usual
        if not is_usual:
            self._before_reset = None
        can_undo = self._before_reset is not None
        if is_usual and not can_undo and self.reset.hasFocus():
            # Else the keyboard would go to a field that takes text.
            self.table.setFocus()
        self.reset.setText(self.tr("Undo the reset") if can_undo else self.tr("Reset"))
        self.reset.setEnabled(can_undo or not is_usual)
        if can_undo:
            tip = self.tr("Everything as it was before the reset, suggested thresholds too")
        elif is_usual:
            tip = self.tr("Everything is as it was at first already")
        else:
            tip = self.tr("Everything as it was at first, for every action; it can be undone here")
        self.reset.setToolTip(tip)

    def _explain(self) -> None:
        """Say what each field means to this kind of model, and which mean nothing to it."""
        of_detector = self._of_detector
        self._begins.setText(self.tr("All told from") if of_detector else self.tr("All begin at"))
        steadier = self.tr(
            "Time constant: a change is seen by 63 % after this time, by 95 % after three "
            "times as much. Longer is steadier, and later. 0 for none."
        )
        if of_detector:
            on = self.tr(
                "Of a detector: an action is told when its score reaches this; higher means fewer "
                "false alarms, and more that is missed. For actions without a number of their own."
            )
            steadier += " " + self.tr(
                "Of a detector the bars and the word alone: what it tells is not smoothed."
            )
            shortest = self.tr("A detector has learned how long its actions last.")
            off = self.tr("A detector finds the end of an action itself.")
        else:
            on = self.tr(
                "An action begins when its smoothed probability reaches this; higher means fewer "
                "false alarms, and more that is missed. For actions without a number of their own."
            )
            shortest = self.tr(
                "What lasts less than this is not told; longer means fewer false alarms"
            )
            off = self.tr(
                "An action ends when its smoothed probability falls below this; the further below "
                "the beginning, the less it flickers"
            )
        for field, tip in (
            (self.smoothing, steadier),
            (self.shortest, shortest),
            (self.on, on),
            (self.off, off),
        ):
            field.setToolTip(tip)
        for field in (self.shortest, self.off):
            field.setEnabled(not of_detector)

    def _reset_or_undo(self) -> None:
        if self._before_reset is not None:
            self._change(self._before_reset)
        else:
            self._before_reset = self._settings
            self._change(self._usual)

    def _change(self, settings: RecognitionSettings) -> None:
        if settings == self._settings:
            return
        self._settings = settings
        self._write()
        self._settling.start()
        self.settings_changed.emit(settings)

    def _edit_times(self) -> None:
        self._change(
            replace(
                self._settings,
                smoothing_s=round(self.smoothing.value(), 2),
                shortest_s=round(self.shortest.value(), 2),
            )
        )

    def _edit_all(self, *, on: float | None = None, off: float | None = None) -> None:
        threshold = moved(self._settings.threshold, on=on, off=off)
        self._change(replace(self._settings, threshold=threshold))

    def _edit_own(self, action: str, threshold: Threshold) -> None:
        own = {**self._settings.thresholds, action: threshold}
        self._change(replace(self._settings, thresholds=own))

    def _remove_own(self, action: str) -> None:
        own = {name: one for name, one in self._settings.thresholds.items() if name != action}
        self._change(replace(self._settings, thresholds=own))

    def _accept(self, suggestion: "ThresholdSuggestion") -> None:
        self._change(suggestion.applied_to(self._settings))


def _seconds(name: str, longest_s: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox(minimum=0, maximum=longest_s, decimals=2, singleStep=0.1, suffix=" s")
    _plain(field, name)
    return field


def _percent(name: str) -> QSpinBox:
    field = QSpinBox(minimum=1, maximum=100, singleStep=5, suffix=" %")
    _plain(field, name)
    return field


def _plain(field: QAbstractSpinBox, name: str) -> None:
    field.setAccessibleName(name)
    # A style sheet's padding does not reach the text of a spin box.
    field.lineEdit().setTextMargins(6, 0, 0, 0)
