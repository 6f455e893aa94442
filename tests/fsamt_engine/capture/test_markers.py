"""Markers of the Lab Streaming Layer: that they go out, and what is said where they cannot."""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsamt_engine.capture import markers
from fsamt_engine.capture.markers import Markers
from fsamt_engine.errors import FsamtError


@pytest.fixture
def outlet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Markers]:
    """A stream of its own name, so that two test runs on a network do not hear each other."""
    pytest.importorskip("pylsl")
    monkeypatch.setattr(markers, "STREAM_NAME", f"FSAMT test {uuid.uuid4()}")
    monkeypatch.setattr(markers, "_LAST_WORDS_S", 0.0)
    with Markers() as made:
        yield made


def test_markers_reach_who_listens_with_their_time(outlet: Markers) -> None:
    import pylsl

    assert not outlet.has_listener()
    found = pylsl.resolve_byprop("name", markers.STREAM_NAME, timeout=5.0)
    if not found:
        pytest.skip("this computer has no network on which LSL finds itself")
    assert (found[0].type(), found[0].channel_count()) == ("Markers", 1)
    inlet = pylsl.StreamInlet(found[0])
    inlet.open_stream(timeout=5.0)
    assert outlet.has_listener()
    before = pylsl.local_clock()
    outlet.started("draw x")
    outlet.marked("door")
    outlet.stopped("draw x")
    outlet.kept("01abc", "draw x")
    outlet.discarded()
    received = [inlet.pull_sample(timeout=5.0) for _ in range(5)]
    inlet.close_stream()
    assert [texts for texts, _ in received] == [
        ["start draw x"],
        ["mark door"],
        ["stop draw x"],
        ["kept 01abc draw x"],
        ["discard"],
    ]
    times = [at for _, at in received]
    assert times == sorted(times)
    assert before <= times[0] <= times[-1] <= pylsl.local_clock()


def test_a_closed_outlet_keeps_quiet(outlet: Markers) -> None:
    outlet.close()
    outlet.close()
    outlet.started("wave")
    assert not outlet.has_listener()


def test_without_pylsl_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(FsamtError, match="need pylsl") as raised:
        Markers()
    assert "fsamt-studio[lsl]" in raised.value.hint


def test_without_the_library_of_pylsl_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pylsl.py").write_text("raise RuntimeError('LSL binary was not found\\nAnd more')")
    monkeypatch.delitem(sys.modules, "pylsl", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FsamtError, match=r"\(LSL binary was not found\)\. "):
        Markers()
