"""What is asked before a window is closed while something is under way."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.studio import Studio
from app.widgets.question import ask

translate = QCoreApplication.translate


def may_close(window: QWidget, studio: Studio) -> bool:
    """Whether what is under way may be stopped or paused for it."""
    tasks = studio.board.running
    keep = translate("Closing", "Keep it open")
    if all(task.page == "capture" for task in tasks):
        return ask(
            window,
            translate("Closing", "A take is being recorded. Closing the window ends it."),
            translate("Closing", "Nothing is lost: what was recorded is kept as a take."),
            translate("Closing", "Stop and close"),
            keep,
        )
    if all(task.page == "models" for task in tasks):
        return ask(
            window,
            translate("Closing", "{name} is under way. Closing the window stops it.").format(
                name=tasks[-1].name
            ),
            translate("Closing", "Nothing half done is left behind; begin it again another time."),
            translate("Closing", "Stop and close"),
            keep,
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
            keep,
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
        keep,
    )
