import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.media import DepthReader, DepthWriter, InfraredReader, InfraredWriter


@pytest.mark.parametrize(("width", "height"), [(2, 2), (53, 31), (424, 240), (848, 480)])
def test_every_size_comes_back_to_the_bit(tmp_path, width, height):
    frames = np.random.default_rng(3).integers(0, 256, (3, height, width)).astype(np.uint8)
    with InfraredWriter(tmp_path / "i.mkv", width, height, 30) as writer:
        for frame in frames:
            writer.write(frame)
    with InfraredReader(tmp_path / "i.mkv", expected_frames=3) as reader:
        read = reader.read(0, 3)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, frames)


def test_damage_is_noticed(tmp_path):
    path = tmp_path / "i.mkv"
    frames = np.random.default_rng(3).integers(0, 256, (5, 48, 64)).astype(np.uint8)
    with InfraredWriter(path, 64, 48, 30) as writer:
        for frame in frames:
            writer.write(frame)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)
    with InfraredReader(path, 5) as reader, pytest.raises(FsamtError, match="damaged"):
        list(reader)


def test_depth_is_not_taken_for_infrared_nor_the_other_way(tmp_path):
    with DepthWriter(tmp_path / "d.mkv", 64, 48, 30) as writer:
        writer.write(np.zeros((48, 64), np.uint16))
    with InfraredWriter(tmp_path / "i.mkv", 64, 48, 30) as writer:
        writer.write(np.zeros((48, 64), np.uint8))
        with pytest.raises(ValueError, match="uint8"):
            writer.write(np.zeros((48, 64), np.uint16))
    with pytest.raises(FsamtError, match="not one of infrared"):
        InfraredReader(tmp_path / "d.mkv")
    with pytest.raises(FsamtError, match="not one of depth"):
        DepthReader(tmp_path / "i.mkv")
