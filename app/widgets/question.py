"""A question with two answers."""

from PySide6.QtWidgets import QMessageBox, QWidget


def ask(parent: QWidget, what: str, about: str, yes: str, no: str) -> bool:
    """Whether the user says yes; Escape is the other answer.

    Args:
        what: The question, or what the matter is, in a sentence.
        about: What follows from it.
        yes, no: What the buttons do, in words.
    """
    box = QMessageBox(parent)
    box.setWindowTitle("FSAMT Studio")
    box.setText(what)
    box.setInformativeText(about)
    agree = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    other = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setEscapeButton(other)
    box.exec()
    return box.clickedButton() is agree
