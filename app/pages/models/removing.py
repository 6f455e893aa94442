"""The question before a model is removed: what goes with it, and what is lost."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from fsamt_engine.library.lineage import Lineage

translate = QCoreApplication.translate

_NAMED = 6


def may_remove(parent: QWidget, found: Lineage) -> bool:
    """Ask whether a model may go, and with it what was made from it."""
    box = QMessageBox(parent)
    box.setWindowTitle(translate("Models", "Remove a model"))
    question, told, yes = removal_words(found)
    box.setText(question)
    box.setInformativeText(told)
    remove = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(translate("Models", "Keep it"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.exec()
    return box.clickedButton() is remove


def removal_words(found: Lineage) -> tuple[str, str, str]:
    """The question, what is lost, and what the button says."""
    model, others = found.model, found.descendants
    lost = translate(
        "Models", "Its weights, its training curve and its results are deleted for good."
    )
    if not others:
        return (
            translate("Models", "Remove “{name}”?").format(name=model.name),
            lost
            + " "
            + translate("Models", "The takes and labels stay. Trained again, it becomes the same."),
            translate("Models", "Remove the model"),
        )
    names = ", ".join(one.id for one in others[:_NAMED])
    if len(others) > _NAMED:
        names += " " + translate("Models", "and {n} more").format(n=len(others) - _NAMED)
    count = (
        translate("Models", "1 model was")
        if len(others) == 1
        else translate("Models", "{n} models were").format(n=len(others))
    )
    told = translate(
        "Models",
        "{count} made from it: {names}. Without it nobody knows any more whom they have seen, so "
        "no test of them could be fair: they are removed with it.",
    ).format(count=count, names=names)
    kept = translate(
        "Models", "Weights, curves and results are deleted for good; takes and labels stay."
    )
    return (
        translate("Models", "Remove “{name}” and what was made from it?").format(name=model.name),
        f"{told} {kept}",
        translate("Models", "Remove {n} models").format(n=len(others) + 1),
    )
