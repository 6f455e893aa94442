"""What is asked before a window is closed while something is under way."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from app.studio import Studio

translate = QCoreApplication.translate


def may_close(window: QWidget, studio: Studio) -> bool:
    """Whether what is under way may be stopped or paused for it."""
    tasks = studio.board.running
    if all(task.page == "capture" for task in tasks):
        return ask(
            window,
            translate("Closing", "A take is being recorded. Closing the window ends it."),
            translate("Closing", "Nothing is lost: what was recorded is kept as a take."),
            translate("Closing", "Stop and close"),
        )
    if studio.runs.running is None:
        return ask(
            window,
            translate("Closing", "{name} is under way. Closing the window stops it.").format(
                name=tasks[-1].name
            ),
            translate(
                "Closing",
                "What is done so far is kept. The same again goes on with what is missing.",
            ),
            translate("Closing", "Stop and close"),
        )
    return ask(
        window,
        translate("Closing", "A run is under way. Closing the window pauses it."),
        translate(
            "Closing",
            "Nothing is lost: it stays in the queue, and goes on exactly where it was when you "
            "continue it.",
        ),
        translate("Closing", "Pause and close"),
    )


def ask(window: QWidget, what: str, about: str, yes: str) -> bool:
    """A question with two answers; the other one leaves everything as it is."""
    box = QMessageBox(window)
    box.setWindowTitle(translate("Closing", "Something is under way"))
    box.setText(what)
    box.setInformativeText(about)
    close = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.addButton(translate("Closing", "Keep it open"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    return box.clickedButton() is close
