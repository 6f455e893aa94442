import shutil

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.media import ColourReader, ColourWriter, DepthReader, DepthWriter
from fsamt_engine.media.mending import mend_file

KINDS = [(DepthWriter, DepthReader), (ColourWriter, ColourReader)]


def make_frames(writer_type, n):
    shape = (n, 48, 64) if writer_type is DepthWriter else (n, 48, 64, 3)
    dtype = np.uint16 if writer_type is DepthWriter else np.uint8
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


def write(writer_type, path, frames, left_at=None, rate_hz=30000 / 1001):
    """Writes a file; `left_at` gets what a kill after the last frame would leave."""
    with writer_type(path, 64, 48, rate_hz) as writer:
        for frame in frames:
            writer.write(frame)
        if left_at is not None:
            shutil.copy(path, left_at)


@pytest.mark.parametrize(("writer_type", "reader_type"), KINDS)
def test_a_mended_file_is_as_if_it_had_been_closed(tmp_path, writer_type, reader_type):
    frames = make_frames(writer_type, 12)
    cut = tmp_path / "cut.mkv"
    write(writer_type, tmp_path / "whole.mkv", frames, cut)
    with reader_type(cut) as reader:
        n_frames = reader.n_frames
    assert n_frames >= 11
    mend_file(cut, lambda copy: writer_type(copy, 64, 48, 30000 / 1001), n_frames)
    write(writer_type, tmp_path / "closed.mkv", frames[:n_frames])
    assert cut.read_bytes() == (tmp_path / "closed.mkv").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["closed.mkv", "cut.mkv", "whole.mkv"]


def test_what_follows_the_whole_frames_is_cut_off(tmp_path):
    frames = make_frames(DepthWriter, 12)
    write(DepthWriter, tmp_path / "d.mkv", frames)
    mend_file(tmp_path / "d.mkv", lambda copy: DepthWriter(copy, 64, 48, 30000 / 1001), 5)
    with DepthReader(tmp_path / "d.mkv", 5) as reader:
        assert reader.n_missing == 0
        np.testing.assert_array_equal(reader.read(0, 5), frames[:5])


def test_a_file_of_another_encoder_stays_as_it_is(tmp_path):
    path = tmp_path / "c.mkv"
    write(ColourWriter, path, make_frames(ColourWriter, 4))
    before = path.read_bytes()
    with pytest.raises(FsamtError, match="another encoder"):
        mend_file(path, lambda copy: DepthWriter(copy, 64, 48, 30), 4)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["c.mkv"]


def test_a_full_disk_leaves_the_file_as_it_is(small_disk):
    path = small_disk(200) / "d.mkv"
    frames = make_frames(DepthWriter, 30)
    write(DepthWriter, path, frames)
    assert path.stat().st_size > 100_000
    before = path.read_bytes()
    with pytest.raises(FsamtError, match="full"):
        mend_file(path, lambda copy: DepthWriter(copy, 64, 48, 30000 / 1001), 30)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["d.mkv"]
