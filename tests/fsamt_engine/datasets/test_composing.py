"""Untrimmed takes that are joined of real ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from fsamt_engine.datasets import composing_estimate
from fsamt_engine.datasets.composing import CompositionSettings, compose, plan_composition
from fsamt_engine.datasets.exchange import ExchangeChoice, export_takes
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Calibration, Intrinsics, Library, StreamKind
from fsamt_engine.library.bin import bin_takes, empty_bin
from fsamt_engine.library.compositions import Piece, composed_take_ids, composition_of
from fsamt_engine.library.consent import Consent, note_consent
from fsamt_engine.library.labels import add_segment, segments
from fsamt_engine.library.takes import (
    StreamDraft,
    TakeDraft,
    add_take,
    count_takes,
    pairs,
    staging_folder,
    take,
    timestamps,
)
from fsamt_engine.library.untrimmed import untrimmed_takes
from fsamt_engine.library.verify import verify
from fsamt_engine.media import (
    ColourWriter,
    DepthReader,
    DepthWriter,
    InfraredReader,
    read_skeleton,
    write_skeleton,
)
from fsamt_engine.media.ffv1 import Ffv1Writer
from fsamt_engine.media.infrared import DeepInfraredWriter
from fsamt_engine.progress import Progress, Stop

WIDTH, HEIGHT, N = 32, 24, 30
WAVE_CLAP = CompositionSettings(("wave", "clap"), pieces=4)
Add = Callable[..., str]


def rng_of(key: str) -> np.random.Generator:
    return np.random.default_rng(list(key.encode()))


def write(writer: type[Ffv1Writer], path: Path, frames: npt.NDArray[np.uint16]) -> None:
    with writer(path, frames.shape[2], frames.shape[1], 30.0) as file:
        for frame in frames:
            file.write(frame)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty one."""
    with Library.create(tmp_path / "library") as made:
        yield made


@pytest.fixture
def add(library: Library) -> Add:
    """Adds a take of noise: depth, twice as many infrared frames, half as many skeletons."""

    def make(
        key: str,
        participant: str,
        labels: list[tuple[str, int, int]],
        *,
        n_frames: int = N,
        width: int = WIDTH,
        colour: bool = False,
        session: str = "",
        focal: float = 30.0,
        region: tuple[float, float, float, float] | None = None,
    ) -> str:
        rng = rng_of(key)
        depth = rng.integers(1, 5000, (n_frames, HEIGHT, width)).astype(np.uint16)
        infrared = rng.integers(0, 60_000, (2 * n_frames, HEIGHT, WIDTH)).astype(np.uint16)
        joints = rng.normal(size=(n_frames // 2, 1, 20, 3)).astype(np.float32)
        step = np.arange(n_frames) * 33_333 + 1_000_000
        with staging_folder(library) as staging:
            write(DepthWriter, staging / "depth.mkv", depth)
            write(DeepInfraredWriter, staging / "infrared.mkv", infrared)
            write_skeleton(staging / "skeleton.npy", joints)
            twice, half = np.repeat(step, 2) + [0, 16_667] * n_frames, step[::2][: len(joints)]
            streams = [
                StreamDraft(
                    StreamKind.DEPTH, staging / "depth.mkv", width, HEIGHT, n_frames, 30.0, "ffv1",
                    step, 0.001, timestamp_domain="device",
                ),
                StreamDraft(
                    StreamKind.INFRARED, staging / "infrared.mkv", WIDTH, HEIGHT, 2 * n_frames,
                    60.0, "ffv1", twice, timestamp_domain="device",
                ),
                StreamDraft(
                    StreamKind.SKELETON, staging / "skeleton.npy", 20, 1, len(joints), 15.0, "npy",
                    half, timestamp_domain="device",
                ),
            ]  # fmt: skip
            if colour:
                with ColourWriter(staging / "colour.mkv", WIDTH, HEIGHT, 30.0) as file:
                    for _ in range(n_frames):
                        file.write(rng.integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8))
                streams.append(
                    StreamDraft(
                        StreamKind.COLOUR, staging / "colour.mkv", WIDTH, HEIGHT, n_frames, 30.0,
                        "mjpeg", step, timestamp_domain="device",
                    )
                )  # fmt: skip
            index = np.arange(n_frames)
            known = np.stack([index, index, index * 3], axis=1)[index % 5 > 0]
            lens = Intrinsics(width, HEIGHT, focal, focal, 16.0, 12.0)
            draft = TakeDraft(
                session or f"visit of {participant}", participant, "test", f"test/{key}", 50,
                streams, known if colour else known[:0], labels, Calibration(depth=lens),
                region=region,
            )  # fmt: skip
            return add_take(library, staging, draft).id

    return make


@pytest.fixture
def trimmed(add: Add) -> list[str]:
    """Four takes of P1 and three of P2, each wholly one segment, and one of another action."""
    made = [
        add(f"{action}-{who}-{number}", who, [(action, 0, N)])
        for who, n in (("P1", 2), ("P2", 2))
        for action in ("wave", "clap")
        for number in range(n - (who == "P2" and action == "clap"))
    ]
    add("walk-P1", "P1", [("walk", 0, N)])
    return made


def depth_of(library: Library, take_id: str) -> npt.NDArray[np.uint16]:
    stream = take(library, take_id).main
    with DepthReader(library.absolute(stream.path), stream.n_frames) as reader:
        return reader.read(0, stream.n_frames)


def test_every_piece_shows_its_source_frame_by_frame(library: Library, trimmed: list[str]) -> None:
    made = compose(library, WAVE_CLAP)
    shown = []
    for take_id in made:
        depth = depth_of(library, take_id)
        pieces = composition_of(library, take_id)
        for piece in pieces:
            source = depth_of(library, piece.take_id)[piece.source_start : piece.source_end]
            assert np.array_equal(depth[piece.start : piece.end], source)
            shown.append(piece.take_id)
        labels = segments(library, take_ids=[take_id])
        assert [(s.action, s.start, s.end) for s in labels] == [
            (piece.action, piece.start, piece.end) for piece in pieces
        ]
    assert sorted(shown) == sorted(trimmed), "each once"
    assert untrimmed_takes(library) == sorted(made)


def test_rests_are_made_of_frames_of_the_two_pieces_beside_them(
    library: Library, trimmed: list[str]
) -> None:
    (take_id,) = compose(library, replace(WAVE_CLAP, participants=("P1",)))
    depth, pieces = depth_of(library, take_id), composition_of(library, take_id)
    edges = [0, *(edge for piece in pieces for edge in (piece.start, piece.end)), len(depth)]
    for number, (start, end) in enumerate(zip(edges[::2], edges[1::2], strict=True)):
        beside = {piece.take_id for piece in pieces[max(0, number - 1) : number + 1]}
        known = {frame.tobytes() for one in beside for frame in depth_of(library, one)}
        assert 15 <= end - start <= 90
        assert {frame.tobytes() for frame in depth[start:end]} <= known
    assert (np.diff(depth.astype(int), axis=0) != 0).any(axis=(1, 2)).all(), "never held still"


def test_infrared_and_skeleton_follow_the_main_frames_and_times_are_regular(
    library: Library, trimmed: list[str]
) -> None:
    (take_id,) = compose(library, replace(WAVE_CLAP, participants=("P1",)))
    one, piece = take(library, take_id), composition_of(library, take_id)[0]
    assert one.source == "composed"
    assert (one.participant, one.session, one.started_at_us) == ("P1", "visit of P1", 50)
    kinds = {StreamKind.DEPTH, StreamKind.INFRARED, StreamKind.SKELETON}
    assert {stream.kind for stream in one.streams} == kinds
    known = {(s.n_frames, s.rate_hz, s.timestamp_domain) for s in one.streams}
    assert known == {(one.main.n_frames, 30.0, "nominal")}
    for stream in one.streams:
        steps = np.diff(timestamps(library, take_id, stream.kind))
        assert set(steps.tolist()) == {33_333, 33_334}
    source = take(library, piece.take_id)
    assert (one.main.unit_m, one.calibration) == (0.001, source.calibration)
    paths = [
        [library.absolute(take_.stream(kind).path) for take_ in (one, source)]  # type: ignore[union-attr]
        for kind in (StreamKind.INFRARED, StreamKind.SKELETON)
    ]
    with InfraredReader(paths[0][0]) as made, InfraredReader(paths[0][1]) as own:
        for number in range(N):
            assert np.array_equal(made[piece.start + number], own[2 * number])
    joints, source_joints = map(read_skeleton, paths[1])
    assert np.array_equal(joints[piece.start : piece.end : 2], source_joints)


def test_the_same_seed_finds_its_takes_again_and_another_makes_others(
    library: Library, trimmed: list[str]
) -> None:
    made = compose(library, WAVE_CLAP)
    n_takes = count_takes(library)
    assert compose(library, WAVE_CLAP) == made
    assert count_takes(library) == n_takes
    assert set(compose(library, replace(WAVE_CLAP, seed=1))).isdisjoint(made)
    plan = plan_composition(library, WAVE_CLAP)
    assert composing_estimate.estimate_composition(library, plan).n_takes == 0


def test_composed_takes_are_never_pieces_themselves(library: Library, trimmed: list[str]) -> None:
    compose(library, WAVE_CLAP)
    sources = {
        p.take_id for one in plan_composition(library, WAVE_CLAP).takes for p, _ in one.pieces
    }
    assert sources == set(trimmed)


def test_stopped_half_way_it_leaves_whole_takes_and_goes_on_to_the_same(
    library: Library, trimmed: list[str]
) -> None:
    told: list[Progress] = []

    def stop() -> Stop | None:
        return (
            Stop.PAUSE
            if composed_take_ids(library) and told[-1].done > told[-1].total - 9
            else None
        )

    with pytest.raises(Cancelled):
        compose(library, WAVE_CLAP, on_progress=told.append, should_stop=stop)
    assert len(composed_take_ids(library)) == 1
    assert not list(library.takes_folder.glob(".incoming*"))
    planned = [one.take_id for one in plan_composition(library, WAVE_CLAP).takes]
    assert compose(library, WAVE_CLAP, on_progress=told.append) == planned
    assert {one.what for one in told} == {"Composing takes"}
    assert all(0 <= one.done <= one.total for one in told)
    assert len(verify(library).problems) == 0


def test_a_full_disk_is_told_and_leaves_nothing_half(
    library: Library, trimmed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    n_written = 0

    def write(self: DepthWriter, frame: object) -> None:
        nonlocal n_written
        n_written += 1
        if n_written > 50:
            raise FsamtError("The disk is full.", "Make room.")

    monkeypatch.setattr(DepthWriter, "write", write)
    with pytest.raises(FsamtError, match="disk is full"):
        compose(library, WAVE_CLAP)
    assert composed_take_ids(library) == frozenset()
    assert not list(library.takes_folder.glob(".incoming*"))


def test_what_does_not_fit_on_the_disk_is_not_begun(
    library: Library, trimmed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(composing_estimate.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(FsamtError, match="no room"):
        compose(library, WAVE_CLAP)


def test_colour_comes_only_where_it_is_asked_for_and_allowed(library: Library, add: Add) -> None:
    for who in ("P1", "P2"):
        for number in range(2):
            add(f"{who}-{number}", who, [("wave", 0, N)], colour=True)
    note_consent(library, "visit of P2", "P2", Consent(until=date(2020, 1, 1)))
    add("grey", "P1", [("wave", 0, N)])
    (one, two) = compose(library, CompositionSettings(("wave",)))
    assert take(library, one).stream(StreamKind.COLOUR) is None
    wanted = CompositionSettings(("wave",), with_colour=True)
    assert plan_composition(library, wanted).remarks == (
        "3 takes are left out: no colour that may be kept.",
    )
    (made,) = compose(library, wanted)
    assert made not in (one, two)
    shown, piece = take(library, made), composition_of(library, made)[0]
    colour = shown.stream(StreamKind.COLOUR)
    assert colour is not None
    assert colour.n_frames == shown.main.n_frames
    own = pairs(library, made)
    in_piece = own[(own[:, 0] >= piece.start) & (own[:, 0] < piece.end)]
    assert (own[:, 0] == own[:, 1]).all()
    assert np.array_equal(in_piece[:, 0] - piece.start, [n for n in range(N) if n % 5])
    assert np.array_equal(in_piece[:, 2], 3 * (in_piece[:, 0] - piece.start))
    with pytest.raises(FsamtError, match="no colour that may be kept"):
        compose(library, replace(wanted, participants=("P2",)))


def test_a_source_that_is_thrown_away_does_not_hurt(library: Library, trimmed: list[str]) -> None:
    made = compose(library, WAVE_CLAP)
    before = composition_of(library, made[0])
    bin_takes(library, trimmed)
    empty_bin(library)
    assert composition_of(library, made[0]) == before
    assert verify(library).problems == ()
    assert len(depth_of(library, made[0])) == take(library, made[0]).main.n_frames


def test_pieces_that_were_seen_otherwise_are_not_joined(library: Library, add: Add) -> None:
    add("a", "P1", [("wave", 0, N)])
    add("b", "P1", [("wave", 0, N)], region=(0.1, 0.2, 0.5, 0.6))
    add("wide", "P1", [("wave", 0, N)], width=48)
    add("later", "P1", [("wave", 0, N)], session="another visit")
    add("moved", "P1", [("wave", 0, N)], focal=31.0)
    plan = plan_composition(library, CompositionSettings(("wave",)))
    (planned,) = plan.takes
    assert {piece.source_key for piece, _ in planned.pieces} == {"test/a", "test/b"}
    assert len(plan.remarks) == 2
    assert all("a single piece" in remark for remark in plan.remarks)
    (made,) = compose(library, CompositionSettings(("wave",)))
    assert take(library, made).region is None


def test_the_regions_of_pieces_become_one_that_holds_them(library: Library, add: Add) -> None:
    add("a", "P1", [("wave", 0, N)], region=(0.3, 0.1, 0.9, 0.5))
    add("b", "P1", [("wave", 0, N)], region=(0.1, 0.2, 0.5, 0.6))
    (made,) = compose(library, CompositionSettings(("wave",)))
    assert take(library, made).region == (0.1, 0.1, 0.9, 0.6)


def test_segments_of_longer_takes_are_pieces_unless_others_lie_over_them(
    library: Library, add: Add
) -> None:
    long = add(
        "long", "P1", [("wave", 30, 60), ("clap", 60, 90), ("wave", 130, 150), ("sit", 140, 170)],
        n_frames=200,
    )  # fmt: skip
    plan = plan_composition(library, WAVE_CLAP)
    (planned,) = plan.takes
    assert {(p.start, p.end, p.first, p.last) for p, _ in planned.pieces} == {
        (30, 60, 0, 60),
        (60, 90, 60, 130),
    }
    assert plan.remarks == (
        "1 segment is left out: another action's lies over it, or it has one frame.",
    )
    (made,) = compose(library, WAVE_CLAP)
    source, shown = depth_of(library, long), depth_of(library, made)
    for piece in composition_of(library, made):
        own = source[piece.source_start : piece.source_end]
        assert np.array_equal(shown[piece.start : piece.end], own)


def test_distractors_move_without_a_label(library: Library, trimmed: list[str]) -> None:
    settings = replace(WAVE_CLAP, participants=("P1",), distractors=("walk",))
    (made,) = compose(library, settings)
    pieces = composition_of(library, made)
    assert [p.action for p in pieces if not p.is_labelled] == ["walk", "walk"]
    assert {s.action for s in segments(library, take_ids=[made])} == {"wave", "clap"}
    assert len(segments(library, take_ids=[made])) == 4


def test_minutes_make_one_long_take_in_which_pieces_come_again(
    library: Library, trimmed: list[str]
) -> None:
    settings = replace(WAVE_CLAP, participants=("P1",), minutes=0.5)
    (planned,) = plan_composition(library, settings).takes
    assert 30 <= planned.seconds < 35
    (made,) = compose(library, settings)
    pieces = composition_of(library, made)
    assert take(library, made).main.n_frames == planned.n_frames
    assert len(pieces) > len({piece.take_id for piece in pieces}) == 4
    rounds = [{p.take_id for p in pieces[first : first + 4]} for first in range(0, 8, 4)]
    assert all(len(one) == 4 for one in rounds), "all of them before any comes again"


def test_a_rest_of_nothing_lets_pieces_touch(library: Library, trimmed: list[str]) -> None:
    (made,) = compose(library, replace(WAVE_CLAP, participants=("P1",), rest_s=(0.0, 0.0)))
    assert [(p.start, p.end) for p in composition_of(library, made)] == [
        (number * N, (number + 1) * N) for number in range(4)
    ]
    assert untrimmed_takes(library) == [made]


def test_pieces_are_spread_evenly_over_takes(library: Library, add: Add) -> None:
    for number in range(9):
        add(str(number), "P1", [("wave", 0, 10)], n_frames=10)
    sizes = [
        [len(one.pieces) for one in plan_composition(library, settings).takes]
        for n in (2, 4, 8, 100)
        for settings in [CompositionSettings(("wave",), pieces=n)]
    ]
    assert sizes == [[2, 2, 2, 3], [4, 5], [9], [9]]


def test_composed_takes_go_into_another_library_with_what_they_are_joined_of(
    library: Library, trimmed: list[str], tmp_path: Path
) -> None:
    made = compose(library, WAVE_CLAP)
    export_takes(library, made, tmp_path / "with")
    export_takes(library, made, tmp_path / "without", ExchangeChoice(with_labels=False))
    with Library.open(tmp_path / "with") as other:
        assert composition_of(other, made[0]) == composition_of(library, made[0])
    with Library.open(tmp_path / "without") as other:
        assert composition_of(other, made[0]) == ()
        assert composed_take_ids(other) == set(made)


def test_a_damaged_source_is_named_in_a_sentence(library: Library, trimmed: list[str]) -> None:
    path = library.absolute(take(library, trimmed[0]).main.path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(FsamtError, match=r"depth\.mkv cannot be used"):
        compose(library, WAVE_CLAP)
    assert not list(library.takes_folder.glob(".incoming*"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (CompositionSettings(()), "no action to join"),
        (CompositionSettings(("jump",)), '"jump" has no segment here'),
        (CompositionSettings(("wave",), ("P9",)), "P9 has no segment of these actions"),
        (CompositionSettings(("wave",), distractors=("wave",)), "named twice"),
        (CompositionSettings(("background", "wave")), "background is what lies between"),
        (CompositionSettings(("wave",), pieces=1), "joined of 1 pieces"),
        (CompositionSettings(("wave",), rest_s=(2.0, 1.0)), "from 2 to 1 seconds"),
        (CompositionSettings(("wave",), rest_s=(0.0, 100.0)), "from 0 to 100 seconds"),
        (CompositionSettings(("wave",), minutes=1e4), "10000 minutes"),
        (CompositionSettings(("clap",), ("P2",)), "no two labelled pieces"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    library: Library, trimmed: list[str], settings: CompositionSettings, words: str
) -> None:
    with pytest.raises(FsamtError, match=words):
        compose(library, settings)
    assert composed_take_ids(library) == frozenset()


def test_a_label_that_came_later_makes_other_takes_and_leaves_the_first(
    library: Library, trimmed: list[str], add: Add
) -> None:
    first = compose(library, WAVE_CLAP)
    add_segment(library, add("more", "P1", []), "wave", 0, N)
    assert set(compose(library, WAVE_CLAP)) != set(first)
    assert all(isinstance(piece, Piece) for piece in composition_of(library, first[0]))
