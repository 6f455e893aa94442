from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.media import (
    ColourReader,
    ColourWriter,
    DepthReader,
    DepthWriter,
    read_skeleton,
    write_skeleton,
)


def _noise(writer: type) -> np.ndarray:
    random = np.random.default_rng(0)
    if writer is DepthWriter:
        return random.integers(0, 256, (40, 96, 128)).astype(np.uint16)
    return random.integers(0, 256, (40, 96, 128, 3)).astype(np.uint8)


def _write(writer_type: type, path: Path, frames: np.ndarray) -> None:
    with writer_type(path, 128, 96, 30) as writer:
        for frame in frames:
            writer.write(frame)


@pytest.mark.parametrize(
    ("writer_type", "reader_type"), [(DepthWriter, DepthReader), (ColourWriter, ColourReader)]
)
def test_full_disk_is_said_and_the_frames_before_it_can_be_read(
    small_disk, writer_type, reader_type
):
    path = small_disk(300) / "v.mkv"
    frames = _noise(writer_type)
    for n_frames in range(18, 30):
        said = ""
        try:
            _write(writer_type, path, frames[:n_frames])
        except FsamtError as error:
            said = error.message
        assert "disk is full" in said or (said == "" and n_frames < 25)
        with reader_type(path, expected_frames=n_frames) as reader:
            assert reader.n_missing == 0 or said
            assert len(list(reader)) == n_frames - reader.n_missing >= 18
        path.unlink()


def test_full_disk_leaves_no_half_skeleton(small_disk):
    folder = small_disk(300)
    joints = np.zeros((500, 1, 20, 3), np.float32)
    write_skeleton(folder / "first.npy", joints)
    write_skeleton(folder / "second.npy", joints)
    with pytest.raises(FsamtError, match="disk is full"):
        write_skeleton(folder / "second.npy", np.ones((2000, 1, 20, 3), np.float32))
    assert sorted(path.name for path in folder.iterdir()) == ["first.npy", "second.npy"]
    np.testing.assert_array_equal(read_skeleton(folder / "second.npy"), joints)


@pytest.mark.parametrize("writer_type", [DepthWriter, ColourWriter])
def test_device_without_space_is_said(writer_type):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(FsamtError, match="disk is full"):
        _write(writer_type, full, _noise(writer_type))
