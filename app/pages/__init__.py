"""The stages of the journey, and the table from which the rail is made.

A page that comes later gets its place here: its `make` turns the greyed-out entry into a page.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.pages.page import Page
from app.studio import Studio

translate = QCoreApplication.translate


@dataclass(frozen=True)
class PageEntry:
    """One entry of the rail.

    Attributes:
        key: Also the name of its icon.
        title: In the user's language.
        make: Builds the page when it is first shown; None while the program has no such page.
        below_line: Whether it stands apart from the journey.
        purpose: One sentence for the tooltip.
    """

    key: str
    title: str
    purpose: str
    make: Callable[[Studio], Page] | None = None
    below_line: bool = False


def page_entries() -> tuple[PageEntry, ...]:
    """The rail from top to bottom."""
    return (
        PageEntry(
            "start",
            translate("Pages", "Start"),
            translate("Pages", "Open a library, see where it stands."),
            _start,
        ),
        PageEntry(
            "capture",
            translate("Pages", "Capture"),
            translate("Pages", "Record colour and depth with a camera."),
            _capture,
        ),
        PageEntry(
            "library",
            translate("Pages", "Library"),
            translate("Pages", "Look at the takes."),
            _library,
        ),
        PageEntry(
            "transfer",
            translate("Pages", "Transfer"),
            translate("Pages", "Teach a depth network on unlabelled pairs."),
            _transfer,
        ),
        PageEntry(
            "label",
            translate("Pages", "Label"),
            translate("Pages", "Say which actions are seen in the takes."),
            _label,
        ),
        PageEntry(
            "finetune",
            translate("Pages", "Finetune"),
            translate("Pages", "Train the student on a few labels, and test it."),
            _finetune,
        ),
        PageEntry(
            "live",
            translate("Pages", "Live"),
            translate("Pages", "Recognise actions from depth alone, as they happen."),
            _live,
        ),
        PageEntry(
            "models",
            translate("Pages", "Models"),
            translate("Pages", "All models and what made them."),
            _models,
            below_line=True,
        ),
        PageEntry(
            "experiments",
            translate("Pages", "Experiments"),
            translate("Pages", "Compare methods on your data."),
            _experiments,
            below_line=True,
        ),
        PageEntry(
            "settings",
            translate("Pages", "Settings"),
            translate("Pages", "How the program behaves."),
            _settings,
            below_line=True,
        ),
    )


# A page's imports are paid when it is first shown, not when the window opens.


def _start(studio: Studio) -> Page:
    from app.pages.start import StartPage

    return StartPage(studio)


def _capture(studio: Studio) -> Page:
    from app.pages.capture import CapturePage

    return CapturePage(studio)


def _library(studio: Studio) -> Page:
    from app.pages.library import LibraryPage

    return LibraryPage(studio)


def _transfer(studio: Studio) -> Page:
    from app.pages.transfer import TransferPage

    return TransferPage(studio)


def _label(studio: Studio) -> Page:
    from app.pages.label import LabelPage

    return LabelPage(studio)


def _finetune(studio: Studio) -> Page:
    from app.pages.finetune import FinetunePage

    return FinetunePage(studio)


def _live(studio: Studio) -> Page:
    from app.pages.live import LivePage

    return LivePage(studio)


def _settings(studio: Studio) -> Page:
    from app.pages.settings import SettingsPage

    return SettingsPage(studio)


def _models(studio: Studio) -> Page:
    from app.pages.models import ModelsPage

    return ModelsPage(studio)


def _experiments(studio: Studio) -> Page:
    from app.pages.experiments import ExperimentsPage

    return ExperimentsPage(studio)
