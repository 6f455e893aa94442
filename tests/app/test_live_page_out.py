import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.pages.live.events_out_panel import EventsOutPanel
from app.pages.live.going_out import GoingOut
from app.tasks import Problem
from fsamt_engine.recognition.state import LiveEvent


def event(number: int, action: str, *, is_over: bool = False) -> LiveEvent:
    offset_us = 2_000_000 if is_over else None
    return LiveEvent(number, action, 1_000_000, offset_us, "device", 1_760_000_000_000_000, 0.9)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def choose(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))


def test_events_are_written_while_the_tick_is_set(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = GoingOut()
    panel = EventsOutPanel(out)
    qtbot.addWidget(panel)
    out.begin("recogniser-1", "puppet:1")
    out.write(event(1, "wave"))
    choose(monkeypatch, tmp_path / "events.jsonl")
    panel.to_file.setChecked(True)
    out.write(event(2, "jump"))
    out.write(event(2, "jump", is_over=True))
    panel.follow(10_000_000)
    assert panel.state.text() == "events.jsonl: 2 lines"
    panel.to_file.setChecked(False)
    out.write(event(3, "wave"))
    written = lines(tmp_path / "events.jsonl")
    assert [(one["event"], one["number"], one["action"]) for one in written] == [
        ("begin", 2, "jump"),
        ("end", 2, "jump"),
    ]
    assert written[0]["source"] == "puppet:1"
    assert panel.state.isHidden()


def test_event_ends_as_one_of_the_recogniser_that_began_it(tmp_path: Path):
    out = GoingOut()
    out.write_to(tmp_path / "events.jsonl")
    out.begin("recogniser-1", "puppet:1")
    out.write(event(1, "wave"))
    out.change_model("recogniser-2")
    out.write(event(1, "wave", is_over=True))
    out.write(event(2, "jump"))
    out.close()
    models = [one["model"] for one in lines(tmp_path / "events.jsonl")]
    assert models == ["recogniser-1", "recogniser-1", "recogniser-2"]


def test_no_file_chosen_takes_the_tick_back(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    panel = EventsOutPanel(GoingOut())
    qtbot.addWidget(panel)
    choose(monkeypatch, "")
    panel.to_file.setChecked(True)
    assert not panel.to_file.isChecked()


def test_file_that_cannot_be_written_is_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    panel = EventsOutPanel(GoingOut())
    qtbot.addWidget(panel)
    choose(monkeypatch, tmp_path / "no such folder" / "events.jsonl")
    with qtbot.waitSignal(panel.failed) as failed:
        panel.to_file.setChecked(True)
    assert isinstance(failed.args[0], Problem)
    assert "cannot be written" in failed.args[0].message
    assert not panel.to_file.isChecked()


def test_markers_that_do_not_work_here_are_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    from fsamt_engine.errors import FsamtError

    def refuse(model_id: str, source: str) -> object:
        raise FsamtError("pylsl is missing.", "Install it.")

    monkeypatch.setattr("app.pages.live.going_out.EventMarkers", refuse)
    panel = EventsOutPanel(GoingOut())
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.failed) as failed:
        panel.markers.setChecked(True)
    assert failed.args[0].message == "pylsl is missing."
    assert not panel.markers.isChecked()


def test_markers_say_which_recogniser_and_source_an_event_is_of(monkeypatch: pytest.MonkeyPatch):
    said: list[tuple[str, str, str]] = []

    class Markers:
        def __init__(self, model_id: str, source: str) -> None:
            self.about = (model_id, source)

        def concern(self, model_id: str, source: str) -> None:
            self.about = (model_id, source)

        def write(self, event: LiveEvent) -> None:
            said.append((event.action, *self.about))

        def close(self) -> None:
            said.append(("closed", *self.about))

    monkeypatch.setattr("app.pages.live.going_out.EventMarkers", Markers)
    out = GoingOut()
    out.send_markers(True)
    out.begin("recogniser-1", "take:1")
    out.write(event(1, "wave"))
    out.begin("recogniser-1", "take:2")
    out.write(event(1, "jump"))
    out.close()
    assert said == [
        ("wave", "recogniser-1", "take:1"),
        ("jump", "recogniser-1", "take:2"),
        ("closed", "recogniser-1", "take:2"),
    ]
