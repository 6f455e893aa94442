from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.pages.capture import CapturePage
from app.pages.capture.sounds import Sound
from app.studio import Studio
from fsamt_engine.capture.checks import Check
from fsamt_engine.capture.script import Script, ScriptStep, save_script
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import QualityLevel
from fsamt_engine.library.consent import Consent, consent, note_consent
from tests.app.capturing import give_until_written, is_attached, name, press, rows
from tests.fsamt_engine.capture.puppet import DEPTH, Puppet

Open = Callable[[Studio, Path], None]


@pytest.fixture
def page(capture_page: CapturePage) -> CapturePage:
    """The page with the first puppet's pictures on it, in a new library, without a preflight."""
    return capture_page


@pytest.fixture
def scripted(qtbot: QtBot, page: CapturePage) -> CapturePage:
    """The page with a script of two short takes, ready to run."""
    name(qtbot, page)
    page.script.kind.choose("script")
    page.script.table.show_steps((ScriptStep("wave", 0.5, 1, 0.1), ScriptStep("clap", 0.5, 1, 0.1)))
    page.script.countdown.setValue(1)
    return page


def test_refused_colour_is_not_even_opened(
    qtbot: QtBot, page: CapturePage, studio: Studio, puppets: dict[str, Puppet]
):
    puppet = puppets["puppet:1"]
    name(qtbot, page)
    page.visit.consent.choice.setCurrentIndex(3)
    qtbot.waitUntil(lambda: puppet.asked[-1].streams == (DEPTH,), timeout=5000)
    assert page.camera_bar.depth_only.isChecked()
    assert not page.camera_bar.depth_only.isEnabled()
    assert studio.library is not None
    noted = consent(studio.library, page.visit.session.name, "P1")
    assert noted == Consent(False, None)
    name(qtbot, page, "P2")
    qtbot.waitUntil(lambda: len(puppet.asked[-1].streams) == 2, timeout=5000)


def test_consent_of_a_name_counts_although_enter_was_not_pressed(
    qtbot: QtBot, page: CapturePage, studio: Studio, puppets: dict[str, Puppet]
):
    assert studio.library is not None
    note_consent(studio.library, page.visit.session.name, "P2", Consent(False))
    name(qtbot, page, "P1")
    page.visit.participant.setEditText("P2")
    page.record_button.click()
    assert not page.conductor.desk.is_recording
    qtbot.waitUntil(lambda: puppets["puppet:1"].asked[-1].streams == (DEPTH,), timeout=5000)


def test_consent_until_a_day_is_noted(qtbot: QtBot, page: CapturePage, studio: Studio):
    name(qtbot, page)
    fields = page.visit.consent
    assert not fields.until.isVisible()
    fields.choice.setCurrentIndex(2)
    assert fields.until.isVisible()
    assert studio.library is not None
    noted = consent(studio.library, page.visit.session.name, "P1")
    assert noted.colour_may_be_kept
    assert noted.until == date.today().replace(year=date.today().year + 1)


def test_preflight_says_what_to_fix_and_unfolds_the_rest(qtbot: QtBot, page: CapturePage):
    qtbot.waitUntil(lambda: len(page.preflight.checks) == 2, timeout=5000)
    assert page.preflight.level is QualityLevel.CAUTION
    words = page.preflight.texts()
    assert "1 of 2 checks asks for attention." in words
    assert "Turn on more light." in words
    assert "USB 3.2." not in words
    page.preflight.unfold.click()
    assert "USB 3.2." in page.preflight.texts()


def test_preflight_that_fails_says_why(
    qtbot: QtBot, page: CapturePage, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object, **__: object) -> list[Check]:
        raise FsamtError("The disk is gone.", "Plug it in.")

    monkeypatch.setattr("app.pages.capture.preflight_task.preflight", fail)
    qtbot.waitUntil(page.preflight.again.isEnabled, timeout=5000)
    page.preflight.again.click()
    qtbot.waitUntil(lambda: "The disk is gone." in page.preflight.texts(), timeout=5000)


def test_script_runs_by_itself_with_a_countdown_that_is_seen_and_heard(
    qtbot: QtBot, scripted: CapturePage, puppets: dict[str, Puppet], monkeypatch: pytest.MonkeyPatch
):
    page, heard, seen = scripted, list[Sound](), list[str]()
    monkeypatch.setattr(page.conductor.sounds, "play", heard.append)
    assert page.record_button.text() == "Record 2 takes"
    press(qtbot, page)
    cover = page.view.cover
    assert cover.isVisible()
    assert cover.size() == page.view.size()
    assert (cover.prompt.words, cover.prompt.number) == ("wave", "1")

    def watch() -> bool:
        puppets["puppet:1"].give()
        prompt = page.view.band.prompt
        seen.append(f"{prompt.kind.value} {prompt.words}")
        return len(rows(page)) == 2 and not page.conductor.is_busy

    qtbot.waitUntil(watch, timeout=10_000)
    assert [row.actions for row in rows(page)] == [("clap",), ("wave",)]
    assert {"recording wave", "countdown clap", "recording clap"} <= set(seen)
    one = [Sound.COUNT, Sound.START, Sound.END]
    assert heard == [*one, *one]
    assert not cover.isVisible()
    qtbot.waitUntil(lambda: "finished" in page.view.band.prompt.words, timeout=2000)


def test_paused_script_performs_the_take_again(
    qtbot: QtBot, scripted: CapturePage, studio: Studio, puppets: dict[str, Puppet]
):
    page = scripted
    page.script.table.show_steps((ScriptStep("wave", 60.0, 1, 0.1),))
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 6)
    press(qtbot, page)
    assert page.record_button.text() == "Go on with the script"
    qtbot.waitUntil(lambda: page.takes_bar.undo_button.isVisible(), timeout=5000)
    assert rows(page) == ()
    press(qtbot, page)
    assert page.view.cover.isVisible()
    page.end_button.click()
    assert not page.conductor.is_busy
    assert not page.end_button.isVisible()


def test_script_waits_while_the_camera_is_gone(
    qtbot: QtBot, scripted: CapturePage, puppets: dict[str, Puppet]
):
    page, puppet = scripted, puppets["puppet:1"]
    page.script.table.show_steps((ScriptStep("wave", 60.0, 1, 0.1),))
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppet, 6)
    puppet.unplug()
    qtbot.waitUntil(lambda: "Paused" in page.view.band.prompt.words, timeout=5000)
    puppet.plug_in()
    qtbot.waitUntil(page.view.cover.isVisible, timeout=5000)
    page.conductor.director.end()


def test_script_file_is_opened_and_a_broken_one_is_a_sentence(page: CapturePage, tmp_path: Path):
    path = tmp_path / "script.json"
    save_script(Script((ScriptStep("kick", 2.5, 4, 1.0),), 7.0), path)
    page.script.open_script(path)
    assert page.script.is_script
    assert page.script.script() == Script((ScriptStep("kick", 2.5, 4, 1.0),), 7.0)
    assert page.script.table.item(0, 1).text() == "2.5"
    assert page.script.summary.text() == "4 takes, 41 s in all."
    path.write_text("{")
    page.script.open_script(path)
    assert "is not JSON" in page.notice.message
    page.script.table.add_step()
    assert "Step 2" in page.script.obstacle
    page.script.table.remove_step()
    assert page.script.obstacle == ""
