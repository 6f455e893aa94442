"""Searching takes: alike however it is asked, kept, stopped, and told what cannot be searched."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.detection import search
from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import TakeSpan, load_detector
from fsamt_engine.detection.options import SearchSettings
from fsamt_engine.detection.search import detect, search_take
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning import inference
from fsamt_engine.learning.device import choose_device
from fsamt_engine.library import Library, ModelKind, ModelRecord, Take
from fsamt_engine.library.organising import set_region
from fsamt_engine.library.takes import take
from fsamt_engine.library.untrimmed import untrimmed_takes as take_ids
from fsamt_engine.progress import Progress, Stop

from .tiny import TinyDetector, add_untrimmed_take

ALL = SearchSettings(overlap=0.9, least_score=0.0)


def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The takes that are searched from now on."""
    searched: list[str] = []
    own = TinyDetector.search

    def noted(
        self: TinyDetector, reader: object, span: TakeSpan, *a: object, **k: object
    ) -> object:
        searched.append(span.take_id)
        return own(self, reader, span, *a, **k)  # type: ignore[arg-type]

    monkeypatch.setattr(TinyDetector, "search", noted)
    return searched


def test_detections_are_within_their_take_and_the_best_comes_first(
    untrimmed_library: Library, detector: ModelRecord
) -> None:
    takes = take_ids(untrimmed_library)
    found = detect(untrimmed_library, detector, takes, ALL, device="cpu")
    assert list(found) == takes
    for take_id, detections in found.items():
        one = take(untrimmed_library, take_id)
        assert detections
        assert {d.take_id for d in detections} == {take_id}
        assert {d.participant for d in detections} == {one.participant}
        assert {d.action for d in detections} <= set(detector.actions)
        assert all(0 <= d.start < d.end <= one.main.n_frames for d in detections)
        scores = [d.score for d in detections]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("at_once", [1, 3, 32])
def test_size_of_a_batch_changes_nothing(
    untrimmed_library: Library,
    detector: ModelRecord,
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = detect(untrimmed_library, detector, take_ids(untrimmed_library), ALL, device="cpu")
    shutil.rmtree(untrimmed_library.cache_folder / "detections")
    monkeypatch.setattr(inference, "BATCH", at_once)
    monkeypatch.setattr(inference, "clips_at_once", lambda *_: at_once)
    again = detect(untrimmed_library, detector, take_ids(untrimmed_library), ALL, device="cpu")
    for one, other in zip(first.values(), again.values(), strict=True):
        assert [(d.action, d.start, d.end) for d in one] == [
            (d.action, d.start, d.end) for d in other
        ]
        assert [d.score for d in one] == pytest.approx([d.score for d in other], abs=2e-6)


def test_second_search_reads_what_the_first_found(
    untrimmed_library: Library, detector: ModelRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = take_ids(untrimmed_library)
    first = detect(untrimmed_library, detector, takes, ALL, device="cpu")
    searched = searches(monkeypatch)
    assert detect(untrimmed_library, detector, takes, ALL, device="cpu") == first
    assert searched == []
    detect(untrimmed_library, detector, takes[:1], SearchSettings(overlap=0.8), device="cpu")
    set_region(untrimmed_library, [takes[1]], (0.1, 0.1, 0.9, 0.9))
    detect(untrimmed_library, detector, takes[:3], ALL, device="cpu")
    assert searched == takes[:2]


def test_damaged_file_of_a_kept_search_is_searched_again(
    untrimmed_library: Library, detector: ModelRecord
) -> None:
    takes = take_ids(untrimmed_library)[:1]
    first = detect(untrimmed_library, detector, takes, ALL, device="cpu")
    (kept,) = (untrimmed_library.cache_folder / "detections").iterdir()
    for text in ("{", '{"spans": [[0, 1]], "scores": [0.5], "actions": [7]}', "[]"):
        kept.write_text(text)
        assert detect(untrimmed_library, detector, takes, ALL, device="cpu") == first


@pytest.mark.parametrize("wish", [Stop.PAUSE, Stop.CANCEL])
def test_stopped_search_keeps_the_takes_that_were_searched(
    untrimmed_library: Library,
    detector: ModelRecord,
    wish: Stop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    takes = take_ids(untrimmed_library)
    searched = searches(monkeypatch)
    with pytest.raises(Cancelled) as cancelled:
        detect(
            untrimmed_library,
            detector,
            takes,
            ALL,
            device="cpu",
            should_stop=lambda: wish if len(searched) == 3 else None,
        )
    assert cancelled.value.resumable is (wish is Stop.PAUSE)
    assert searched == takes[:3]
    detect(untrimmed_library, detector, takes, ALL, device="cpu")
    assert searched[3:] == takes[2:]


def test_damaged_take_among_many_is_named_and_the_rest_is_searched(
    untrimmed_library: Library, detector: ModelRecord
) -> None:
    takes = take_ids(untrimmed_library)
    broken = add_untrimmed_take(untrimmed_library, "P3", ("down",), 9)
    stream = take(untrimmed_library, broken).main
    untrimmed_library.absolute(stream.path).write_bytes(b"no film")
    asked = [takes[0], broken, *takes[1:]]
    told: dict[str, FsamtError] = {}
    found = detect(untrimmed_library, detector, asked, device="cpu", on_damaged=told.__setitem__)
    assert list(found) == takes
    assert list(told) == [broken]
    with pytest.raises(FsamtError):
        detect(untrimmed_library, detector, asked, device="cpu")


def test_take_that_cannot_be_seen_is_refused_by_name_before_any_is_searched(
    untrimmed_library: Library, detector: ModelRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = take_ids(untrimmed_library)
    searched = searches(monkeypatch)
    monkeypatch.setattr(
        "fsamt_engine.learning.prepare.has", lambda one, modality: one.id != takes[2]
    )
    with pytest.raises(FsamtError, match=takes[2]):
        detect(untrimmed_library, detector, takes, device="cpu")
    assert searched == []


def test_take_of_another_pace_is_refused_by_name_before_any_is_searched(
    untrimmed_library: Library, detector: ModelRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = take_ids(untrimmed_library)
    searched = searches(monkeypatch)

    def slowed(library: Library, take_id: str) -> Take:
        one = take(library, take_id)
        streams = tuple(replace(s, rate_hz=15.0) for s in one.streams)
        return replace(one, streams=streams) if take_id == takes[2] else one

    monkeypatch.setattr(search, "take", slowed)
    with pytest.raises(FsamtError, match=f"{takes[2]} has 15 frames a second"):
        detect(untrimmed_library, detector, takes, device="cpu")
    assert searched == []


def test_other_models_do_not_search(untrimmed_library: Library, detector: ModelRecord) -> None:
    student = replace(detector, kind=ModelKind.STUDENT, settings={})
    with pytest.raises(FsamtError, match="does not say when an action starts"):
        detect(untrimmed_library, student, take_ids(untrimmed_library), device="cpu")
    with pytest.raises(FsamtError, match="does not say when an action starts"):
        load_detector(untrimmed_library, student, choose_device("cpu"))


def test_take_shorter_than_a_clip_is_searched(
    untrimmed_library: Library, detector: ModelRecord
) -> None:
    short = add_untrimmed_take(untrimmed_library, "P3", ("down",), 5, rest=0)
    (detections,) = detect(untrimmed_library, detector, [short], ALL, device="cpu").values()
    assert detections
    assert max(d.end for d in detections) <= 10


def test_progress_counts_the_frames_of_all_takes(
    untrimmed_library: Library, detector: ModelRecord
) -> None:
    told: list[Progress] = []
    takes = take_ids(untrimmed_library)
    detect(untrimmed_library, detector, takes, device="cpu", on_progress=told.append)
    n_frames = sum(take(untrimmed_library, one).main.n_frames for one in takes)
    assert told[-1].done == told[-1].total == n_frames
    assert [p.done for p in told] == sorted(p.done for p in told)


def test_windows_in_any_parts_give_the_same(
    untrimmed_library: Library, detector: ModelRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a detector gives its candidates, what overlaps is suppressed over all of them."""
    rng = np.random.default_rng(1)
    starts = rng.uniform(-5, 200, 300)
    spans = np.stack([starts, starts + rng.uniform(1, 20, 300)], 1)
    every = Candidates(spans, rng.random(300), rng.integers(0, 2, 300))
    loaded = load_detector(untrimmed_library, detector, choose_device("cpu"))
    span = TakeSpan("t", "P", 180, 30.0)
    answers = []
    for n_parts in (1, 7, 300):

        def given(*_: object, **__: object) -> Iterator[Candidates]:
            for part in np.array_split(rng.permutation(300), n_parts):  # noqa: B023
                yield every.at(part)

        monkeypatch.setattr(TinyDetector, "search", given)
        reader = loaded.reader(untrimmed_library)
        found = search_take(loaded.detector, reader, span, SearchSettings(), choose_device("cpu"))
        assert found.spans.min() >= 0
        assert found.spans.max() <= 180
        answers.append(search.detections(found, span, ("a", "b")))
    assert answers[0] == answers[1] == answers[2]
