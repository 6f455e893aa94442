"""One model in full: its facts and settings as a table, and how its training went."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app import words
from app.model_words import head_name, loss_name, method_name, result_line
from app.pages.models.sayings import is_group, seconds_long, setting_name, setting_value
from app.theme import SPACING
from app.widgets.loss_curve import LossCurve
from fsamt_engine.library import ModelKind, ModelRecord
from fsamt_engine.library.lineage import Ancestor
from fsamt_engine.units import format_percent

translate = QCoreApplication.translate

_TABLE_PX = 384


class ModelDetails(QWidget):
    """The table on the left, the curve on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Facts and settings"))
        self.table.setToolTip(self.tr("What the model is, and every setting that made it"))
        self.table.setHeaderLabels([self.tr("What"), self.tr("Value")])
        self.table.setUniformRowHeights(True)
        self.table.setIndentation(16)
        self.table.setRootIsDecorated(False)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumWidth(256)
        self.table.setMaximumWidth(2 * _TABLE_PX)
        self.curve = LossCurve()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.table, 1)
        row.addWidget(self.curve, 1)

    def show_model(self, one: Ancestor) -> None:
        """Show a model of a lineage."""
        self.table.clear()
        model, training = one.model, one.training
        facts: list[tuple[str, str]] = [
            (self.tr("Name"), model.name),
            (self.tr("Id"), model.id),
            (self.tr("Result"), result_line(model)),
            (self.tr("Made"), words.day(model.created_at_us)),
            (self.tr("By"), method_name(model)),
            (self.tr("Network"), model.network),
            (self.tr("Sees"), model.modality),
        ]
        if model.kind is ModelKind.DETECTOR:
            facts[2:3] = detector_facts(model)
        macro = model.metrics.get("test_macro_f1")
        if macro is not None:
            facts.insert(3, (self.tr("Macro F1"), format_percent(macro)))
        if model.actions:
            facts.append((self.tr("Actions"), ", ".join(model.actions)))
        facts.append((self.tr("Embedding"), f"{model.embedding_dim}"))
        if one.snapshot is not None:
            facts.append((self.tr("Snapshot"), one.snapshot.id))
        self._add(self.tr("Model"), facts)
        if training is not None:
            ended = {
                "finished": self.tr("to its end"),
                "kept best": self.tr("stopped, the best was kept"),
            }.get(training.ended, training.ended)
            self._add(
                self.tr("How the training went"),
                [
                    (self.tr("Ended"), ended),
                    (
                        self.tr("Best epoch"),
                        self.tr("{best} of {n}").format(
                            best=training.best_epoch, n=len(training.epochs)
                        ),
                    ),
                    (self.tr("Took"), seconds_long(training.seconds)),
                    (self.tr("Device"), f"{training.device}, {training.precision}"),
                    *training.versions.items(),
                ],
            )
        self._add_settings(model.settings)
        self.table.expandAll()
        self.table.setCurrentIndex(self.table.model().index(0, 0))
        self._show_curve(one)

    def _add(self, title: str, facts: Sequence[tuple[str, str]]) -> None:
        group = QTreeWidgetItem([title])
        self.table.addTopLevelItem(group)
        group.setFirstColumnSpanned(True)
        for name, value in facts:
            _add_row(group, name, value)

    def _add_settings(self, settings: Mapping[str, Any]) -> None:
        """The simple ones first, then each group of others."""
        plain = [(k, v) for k, v in settings.items() if not is_group(v)]
        rows = [(setting_name(key), setting_value(value)) for key, value in plain]
        self._add(self.tr("Settings"), rows)
        for key, value in settings.items():
            if is_group(value):
                flat = [(n, setting_value(v)) for n, v in _flat(value)]
                self._add(setting_name(key), flat)

    def _show_curve(self, one: Ancestor) -> None:
        training = one.training
        self.curve.setVisible(training is not None and len(training.epochs) > 1)
        if training is None or not training.epochs:
            return
        is_transfer = one.model.method == "transfer"
        loss = loss_name(one.model.settings.get("loss", "cosine"))
        title = f"{loss[:1].upper()}{loss[1:]}" if is_transfer else self.tr("Cross-entropy")
        if one.model.kind is ModelKind.DETECTOR:
            title = self.tr("Loss")
        self.curve.clear(title)
        total = training.epochs[-1].step
        for epoch in training.epochs:
            self.curve.add_training(epoch.step, total, epoch.loss)
            self.curve.add_epoch(epoch.step, epoch.loss, epoch.validation)
        self.curve.draw()


def detector_facts(model: ModelRecord) -> list[tuple[str, str]]:
    """What finds the actions, and how much of them its test found."""
    facts = [
        (translate("Models", "Finds by"), head_name(str(model.settings.get("head", "")))),
        (translate("Models", "Result"), result_line(model)),
    ]
    for name, key in (
        (translate("Models", "mAP at 0.5 to 0.95"), "test_mean_map"),
        (translate("Models", "F1 at 0.5"), "test_f1"),
    ):
        if key in model.metrics:
            facts.append((name, format_percent(model.metrics[key])))
    return facts


def _add_row(group: QTreeWidgetItem, name: str, value: str) -> None:
    row = QTreeWidgetItem([name, value])
    row.setToolTip(0, name)
    row.setToolTip(1, value)
    row.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}: {value}")
    group.addChild(row)


def _flat(settings: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Nested settings with the names of their groups before them."""
    rows: list[tuple[str, Any]] = []
    for key, value in settings.items():
        name = f"{before}: {setting_name(key).lower()}" if before else setting_name(key)
        if is_group(value):
            rows += _flat(value, name)
        else:
            rows.append((name, value))
    return rows
