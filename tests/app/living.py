"""What the tests of the live page have in common: a page on puppets, with a network that obeys."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.pages.live import LivePage
from app.pages.live.running import Wanted
from app.studio import Studio
from fsamt_engine.capture.feed import FeedState
from fsamt_engine.library import Library
from fsamt_engine.recognition.live_model import LiveModel
from fsamt_engine.recognition.settings import RecognitionSettings
from tests.app.modelling import add, add_line
from tests.fsamt_engine.capture.puppet import Puppet
from tests.fsamt_engine.recognition.watching import Says, live_model

FIRST, SECOND = "recogniser-00000003", "recogniser-00000004"
ACTIONS = ("across", "down")
AT_ONCE = RecognitionSettings(smoothing_s=0, shortest_s=0)


class Networks:
    """The networks of the library's recognisers; each says one action.

    `opened` are the ids of those that were opened, `may_open` holds the opening up.
    """

    def __init__(self) -> None:
        self.by_model = {FIRST: Says("across", ACTIONS), SECOND: Says("down", ACTIONS)}
        self.opened: list[str] = []
        self.may_open = threading.Event()
        self.may_open.set()
        self.error: Exception | None = None

    def open(self, wanted: Wanted, on_progress: object) -> LiveModel:
        assert self.may_open.wait(10)
        if self.error is not None:
            raise self.error
        self.opened.append(wanted.model.id)
        return live_model(self.by_model[wanted.model.id], name=wanted.model.id)


def add_recognisers(root: Path) -> None:
    """Two recognisers that were trained on P1, the first one being the newer."""
    with Library.open(root) as library:
        add(library, SECOND, "from scratch", None, "P1")
        add_line(library)


def watch(qtbot: QtBot, page: LivePage, puppet: Puppet | None = None) -> None:
    """Start, and wait until the camera gives frames."""
    page.start_button.click()
    qtbot.waitUntil(lambda: is_watching(page), timeout=10_000)
    if puppet is not None:
        answer(qtbot, page, puppet)


def is_watching(page: LivePage) -> bool:
    recogniser = page.recognising.recogniser
    if recogniser is None or recogniser.state().source.state is not FeedState.RUNNING:
        return False
    attached = recogniser._attached
    return attached is not None and attached[0] is recogniser.state().opened


def answer(qtbot: QtBot, page: LivePage, puppet: Puppet, n: int = 4) -> None:
    """Give frames one by one until each is on the screen."""
    for _ in range(n):
        before = number(page)
        puppet.give()
        qtbot.waitUntil(lambda before=before: number(page) > before, timeout=10_000)


def number(page: LivePage) -> int:
    """Of the answer that is on the screen."""
    return page.face.answer.saying.number


def stop(qtbot: QtBot, page: LivePage) -> None:
    page.start_button.click()
    qtbot.waitUntil(lambda: is_idle(page), timeout=10_000)


def is_idle(page: LivePage) -> bool:
    return not (page.recognising.is_running or page.recognising.step)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> Networks:
    """What answers instead of the library's networks."""
    made = Networks()
    monkeypatch.setattr("app.pages.live.recognising.open_model", made.open)
    monkeypatch.setattr("app.pages.live.page.stored_settings", lambda library, model: AT_ONCE)
    return made


def shown_page(qtbot: QtBot, page: LivePage) -> Iterator[LivePage]:
    """The page as the window shows it, until the library is closed."""
    qtbot.addWidget(page)
    page.resize(1192, 690)
    page.show()
    page.entered()
    yield page
    page.studio.close_library()


@pytest.fixture
def page(
    qtbot: QtBot,
    studio: Studio,
    puppets: dict[str, Puppet],
    networks: Networks,
    library_root: Path,
    open_in: Callable[[Studio, Path], None],
) -> Iterator[LivePage]:
    """The page in a library with two recognisers, which have seen P1; a puppet is plugged in."""
    add_recognisers(library_root)
    open_in(studio, library_root)
    yield from shown_page(qtbot, LivePage(studio))
