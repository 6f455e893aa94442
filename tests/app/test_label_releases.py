import pytest
from pytestqt.qtbot import QtBot

from app.pages.label.releases import WAIT_MS, Releases

Told = list[tuple[int, int]]


@pytest.fixture
def waiting(qtbot: QtBot) -> tuple[Releases, Told]:
    """Releases as on X11, and what they told: key and frame."""
    releases = Releases(wait_ms=WAIT_MS)
    told: Told = []
    releases.released.connect(lambda key, at_s, frame: told.append((key, frame)))
    return releases, told


def test_release_counts_when_no_press_follows(qtbot: QtBot, waiting: tuple[Releases, Told]):
    releases, told = waiting
    releases.lift(10, 1000, frame=5)
    assert told == []
    qtbot.waitUntil(lambda: told == [(10, 5)], timeout=2000)


def test_pairs_of_a_held_key_on_x11_are_no_releases(waiting: tuple[Releases, Told]):
    releases, told = waiting
    for number in range(30):
        at_ms = 1000 + 33 * number
        releases.lift(10, at_ms, frame=number)
        assert releases.is_repeat(10, at_ms, is_marked=False)
    assert told == []


def test_key_pressed_anew_a_moment_later_is_no_repeat(waiting: tuple[Releases, Told]):
    releases, told = waiting
    releases.lift(10, 1000, frame=5)
    assert not releases.is_repeat(10, 1030, is_marked=False)
    assert told == [(10, 5)], "its release comes first"


def test_another_key_makes_the_release_count_at_once(waiting: tuple[Releases, Told]):
    releases, told = waiting
    releases.lift(10, 1000, frame=5)
    assert not releases.is_repeat(11, 1000, is_marked=False)
    assert told == [(10, 5)]


def test_repeat_that_qt_marks_is_one_without_a_release(waiting: tuple[Releases, Told]):
    releases, told = waiting
    assert releases.is_repeat(10, 1000, is_marked=True)
    assert told == []


def test_late_timer_gives_the_press_another_chance(waiting: tuple[Releases, Told]):
    releases, told = waiting
    releases.lift(10, 1000, frame=5)
    assert releases._lifted is not None
    object.__setattr__(releases._lifted, "at_s", releases._lifted.at_s - 1.0)
    releases._come_due()
    assert told == []
    assert releases.is_repeat(10, 1000, is_marked=False)


def test_elsewhere_a_release_counts_at_once(qtbot: QtBot):
    releases = Releases()
    with qtbot.waitSignal(releases.released, timeout=100):
        releases.lift(10, 1000, frame=5)
