"""What of a data set comes in, how large, and what it takes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.datasets import import_data_set
from fsamt_engine.datasets.estimate import estimate_import
from fsamt_engine.datasets.importing import ImportChoice
from fsamt_engine.datasets.reader import SourceTake
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library, StreamKind, Take
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import list_takes, take
from fsamt_engine.library.verify import verify
from fsamt_engine.media import DepthReader, InfraredReader
from fsamt_engine.progress import Stop
from tests.fsamt_engine.datasets.lying import LyingDataSet, depth_of, write_take

KEYS = ("p1a", "p1b", "p2a", "p2b")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for key in KEYS:
        write_take(tmp_path / "set", key)
    return tmp_path / "set"


def _takes(library: Library) -> dict[str, Take]:
    takes = [take(library, row.id) for row in list_takes(library)]
    return {one.source_key.removeprefix("lying/"): one for one in takes}


def test_chosen_people_and_actions_come_and_the_rest_later(library: Library, source: Path):
    reader = LyingDataSet()
    first = import_data_set(library, reader, source, ImportChoice(("p2",), ("wave",)))
    assert (first.found, first.added, first.already_there) == (4, 1, 0)
    assert set(_takes(library)) == {"p2a"}
    second = import_data_set(library, reader, source, ImportChoice(("p2",)))
    assert (second.added, second.already_there) == (1, 1)


def test_people_and_actions_are_chosen_by_number_or_in_any_case(library: Library, source: Path):
    reader = LyingDataSet()
    reader.actions = {"wave": "Lying A1", "clap": "Lying A012"}
    by_number = estimate_import(library, reader, source, ImportChoice(("2",), ("12",)))
    assert by_number.n_takes == 1
    import_data_set(library, reader, source, ImportChoice(("1",), ("Wave", "12")))
    assert set(_takes(library)) == {"p1a", "p1b"}


@pytest.mark.parametrize(
    ("participants", "actions", "message"),
    [
        (("p1", "p8"), (), 'no participant "p8" in this data set'),
        ((), ("wave", "jump"), 'no action "jump" in this data set'),
        ((), ("7",), 'no action "7" in this data set'),
    ],
)
def test_whoever_is_not_in_the_data_set_is_named_before_anything_comes(
    library: Library,
    source: Path,
    participants: tuple[str, ...],
    actions: tuple[str, ...],
    message: str,
):
    with pytest.raises(FsamtError, match=message):
        import_data_set(library, LyingDataSet(), source, ImportChoice(participants, actions))
    assert _takes(library) == {}


def test_measurements_are_copied_with_all_their_bits(library: Library, source: Path):
    import_data_set(library, LyingDataSet(), source)
    one = _takes(library)["p1a"]
    with DepthReader(library.absolute(one.stream(StreamKind.DEPTH).path)) as reader:
        np.testing.assert_array_equal(reader.read(0, 6), depth_of("p1a"))
    with InfraredReader(library.absolute(one.stream(StreamKind.INFRARED).path)) as reader:
        assert reader[0].dtype == np.uint16
        np.testing.assert_array_equal(reader.read(0, 6), depth_of("p1a") // 2)
    assert not any(stream.is_elsewhere for stream in one.streams)
    assert verify(library).problems == ()


@pytest.mark.parametrize(
    ("size", "short_side", "stored"),
    [
        ((960, 540), None, (456, 256)),
        ((960, 540), 0, (960, 540)),
        ((960, 540), 108, (192, 108)),
        ((640, 480), None, (640, 480)),
        ((64, 48), 128, (64, 48)),
    ],
)
def test_large_colour_is_reduced_with_its_calibration(
    library: Library,
    tmp_path: Path,
    size: tuple[int, int],
    short_side: int | None,
    stored: tuple[int, int],
):
    write_take(tmp_path / "one", "p1a", size=size)
    choice = ImportChoice(short_side=short_side)
    import_data_set(library, LyingDataSet(), tmp_path / "one", choice)
    one = _takes(library)["p1a"]
    colour, lens = one.stream(StreamKind.COLOUR), one.calibration.colour
    assert (colour.width, colour.height) == stored == (lens.width, lens.height)
    assert lens.fx == pytest.approx(60 * stored[0] / size[0])
    assert lens.cy == pytest.approx(24 * stored[1] / size[1])


@pytest.mark.parametrize(
    ("gone", "main"),
    [
        (("depth",), StreamKind.INFRARED),
        (("depth", "infrared"), StreamKind.COLOUR),
        (("depth", "infrared", "rgb"), StreamKind.SKELETON),
    ],
)
@pytest.mark.parametrize("in_place", [False, True])
def test_take_without_depth_counts_its_main_frames(
    library: Library, source: Path, gone: tuple[str, ...], main: StreamKind, in_place: bool
):
    for kind in gone:
        (source / kind).rename(source.parent / f"gone {kind}")
    import_data_set(library, LyingDataSet(), source, ImportChoice(in_place=in_place))
    one = _takes(library)["p1b"]
    assert (one.main.kind, one.main.n_frames, one.n_pairs) == (main, 6, 0)
    assert one.duration_us == pytest.approx(200_000, abs=20)
    assert [(s.action, s.start, s.end) for s in segments(library, take_ids=[one.id])] == [
        ("clap", 0, 6)
    ]


def test_odd_file_is_named_and_the_rest_arrives(library: Library, source: Path):
    write_take(source, "p9a")
    (source / "depth" / "p2a" / "D-00000002.png").write_bytes(b"no picture")
    (source / "rgb" / "p1b.avi").unlink()
    result = import_data_set(library, LyingDataSet(), source)
    assert (result.added, len(result.skipped)) == (3, 2)
    broken, odd = result.skipped
    assert "D-00000002.png" in broken.reason
    assert odd.reason == "It cannot be understood (ValueError: an odd file)."
    assert [str(missing) for missing in result.missing] == ["1 take: no colour (p1b)"]


class Endless(LyingDataSet):
    """Says that it has many takes, and counts how many are looked at ahead."""

    def __init__(self) -> None:
        self.asked = 0

    def find(self, source: Path) -> Sequence[SourceTake]:
        return _Many(self)


class _Many(Sequence[SourceTake]):
    def __init__(self, reader: Endless) -> None:
        self._reader = reader

    def __len__(self) -> int:
        return 20_000

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        if index >= len(self):
            raise IndexError(index)
        self._reader.asked = index + 1
        return SourceTake(f"t{index}", {}, "p", ("wave",))


def test_data_set_is_gone_through_and_not_kept(library: Library, tmp_path: Path):
    reader = Endless()
    ahead = []

    def stop() -> Stop | None:
        ahead.append(reader.asked)
        return Stop.CANCEL if len(ahead) > 3 else None

    def load(take: SourceTake):
        raise FsamtError("It is not there.")

    reader.load = load
    with pytest.raises(Cancelled):
        import_data_set(library, reader, tmp_path, should_stop=stop, workers=2)
    assert max(ahead[1:]) < 20


def test_estimate_measures_and_leaves_nothing(library: Library, source: Path):
    import_data_set(library, LyingDataSet(), source, ImportChoice(("p1",)))
    before = sorted(library.root.rglob("*"))
    copied = estimate_import(
        library, LyingDataSet(), source, ImportChoice(actions=("wave", "clap"))
    )
    assert (copied.n_takes, copied.n_already_there, copied.n_tried) == (2, 2, 2)
    assert (copied.n_frames, copied.n_colour_frames) == (12, 12)
    assert copied.seconds > 0
    assert copied.fits
    lying = estimate_import(library, LyingDataSet(), source, ImportChoice(in_place=True))
    assert 0 < lying.n_bytes < copied.n_bytes
    assert sorted(library.root.rglob("*")) == before


def test_estimate_of_what_cannot_be_read_says_so(library: Library, tmp_path: Path):
    write_take(tmp_path / "odd", "p9a")
    with pytest.raises(FsamtError, match="None of the takes"):
        estimate_import(library, LyingDataSet(), tmp_path / "odd")
