import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.media import ColourWriter, DepthReader, DepthWriter
from fsamt_engine.media.reading import VideoReader


def _write(path: Path, frames: np.ndarray, rate_hz: float = 30) -> Path:
    with DepthWriter(path, frames.shape[2], frames.shape[1], rate_hz) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def _packets(path: Path) -> list[tuple[int, int, bool]]:
    """(position, size, is key frame) of every packet."""
    with av.open(str(path)) as container:
        return [(p.pos, p.size, p.is_keyframe) for p in container.demux(video=0) if p.size]


@pytest.mark.parametrize(
    ("width", "height"),
    [(2, 2), (3, 2), (53, 31), (320, 240), (353, 241), (424, 240), (400, 7), (2, 500), (848, 480)],
)
def test_every_size_comes_back_to_the_bit(tmp_path, width, height):
    frames = np.random.default_rng(3).integers(0, 65536, (3, height, width)).astype(np.uint16)
    with DepthReader(_write(tmp_path / "d.mkv", frames)) as reader:
        assert (reader.width, reader.height, reader.n_frames) == (width, height, 3)
        read = reader.read(0, 3)
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, frames)


def test_all_65536_values_survive(tmp_path):
    frames = np.arange(65536, dtype=np.uint16).reshape(1, 256, 256)
    with DepthReader(_write(tmp_path / "d.mkv", frames)) as reader:
        np.testing.assert_array_equal(reader[0], frames[0])


def test_byte_order_and_memory_layout_of_the_caller_do_not_matter(tmp_path, make_depth):
    frame = make_depth(1)[0]
    wide = np.zeros((96, 128), np.uint16)
    wide[::2, ::2] = frame
    inputs = [frame.astype(">u2"), frame.astype("<u2"), wide[::2, ::2], np.asfortranarray(frame)]
    with DepthWriter(tmp_path / "d.mkv", 64, 48, 30) as writer:
        for given in inputs:
            writer.write(given)
    with DepthReader(tmp_path / "d.mkv") as reader:
        for read in reader:
            np.testing.assert_array_equal(read, frame)


def test_frame_is_copied_before_the_caller_reuses_it(tmp_path):
    buffer = np.zeros((48, 64), np.uint16)
    with DepthWriter(tmp_path / "d.mkv", 64, 48, 30) as writer:
        for number in range(5):
            buffer[:] = number
            writer.write(buffer)
    with DepthReader(tmp_path / "d.mkv") as reader:
        assert [int(frame[0, 0]) for frame in reader] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("rate_hz", [1, 7.3, 29.97, 30, 60, 90, 300])
def test_any_frame_is_found_although_times_are_rounded(tmp_path, make_depth, rate_hz):
    frames = make_depth(120, 6, 8)
    with DepthReader(_write(tmp_path / "d.mkv", frames, rate_hz)) as reader:
        assert (reader.n_frames, reader.n_missing) == (120, 0)
        for number in np.random.default_rng(1).permutation(120):
            np.testing.assert_array_equal(reader[int(number)], frames[number])
        np.testing.assert_array_equal(reader[-1], frames[-1])
        np.testing.assert_array_equal(reader.read(37, 41), frames[37:41])


def test_reading_on_never_seeks(tmp_path, make_depth, monkeypatch):
    path = _write(tmp_path / "d.mkv", make_depth())

    def refuse(*_):
        raise AssertionError("sought")

    monkeypatch.setattr(VideoReader, "_go_to", refuse)
    with DepthReader(path) as reader:
        assert len(list(reader)) == 12


def test_number_outside_the_file_is_an_index_error(tmp_path, make_depth):
    with DepthReader(_write(tmp_path / "d.mkv", make_depth())) as reader:
        for number in (12, -13):
            with pytest.raises(IndexError):
                reader[number]
        with pytest.raises(IndexError):
            reader.read(5, 13)


def test_every_frame_is_a_key_frame(tmp_path, make_depth):
    assert all(is_key for _, _, is_key in _packets(_write(tmp_path / "d.mkv", make_depth())))


def test_same_frames_give_the_same_bytes(tmp_path, make_depth):
    hashes = {
        hashlib.sha256(_write(tmp_path / name, make_depth()).read_bytes()).hexdigest()
        for name in ("a.mkv", "b.mkv")
    }
    assert len(hashes) == 1


def test_ffmpeg_reads_it(tmp_path, make_depth):
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg program on this machine")
    frames = make_depth(5, 31, 53)
    command = ["ffmpeg", "-v", "error", "-err_detect", "crccheck", "-i"]
    command += [str(_write(tmp_path / "d.mkv", frames)), "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True)
    assert raw.stderr == b""
    np.testing.assert_array_equal(np.frombuffer(raw.stdout, "<u2").reshape(frames.shape), frames)


def test_file_cut_anywhere_gives_its_whole_frames_and_tells_how_many_lack(tmp_path, make_depth):
    frames = make_depth(8, 12, 16)
    content = _write(tmp_path / "whole.mkv", frames).read_bytes()
    ends = [position + size for position, size, _ in _packets(tmp_path / "whole.mkv")]
    cut = tmp_path / "cut.mkv"
    for length in range(0, len(content) - 1, 3):
        cut.write_bytes(content[:length])
        # A packet's position is that of its block, whose header takes up to 16 bytes more.
        at_least = sum(end + 16 <= length for end in ends)
        at_most = sum(end <= length for end in ends)
        if at_most == 0:
            with pytest.raises(FsamtError, match=r"cut\.mkv"):
                DepthReader(cut)
            continue
        try:
            with DepthReader(cut, expected_frames=8) as reader:
                read = list(reader)
                assert reader.n_missing == 8 - reader.n_frames
        except FsamtError:
            read = []
        assert at_least <= len(read) <= at_most
        assert all(np.array_equal(one, other) for one, other in zip(read, frames, strict=False))


def test_header_tells_of_missing_frames_without_being_told(tmp_path, make_depth):
    path = _write(tmp_path / "d.mkv", make_depth())
    position = _packets(path)[7][0]
    path.write_bytes(path.read_bytes()[:position])
    with DepthReader(path) as reader:
        assert (reader.n_frames, reader.n_missing) == (7, 5)


def test_any_flipped_bit_is_refused_or_harmless(tmp_path, make_depth):
    frames = make_depth(6, 12, 16)
    content = _write(tmp_path / "whole.mkv", frames).read_bytes()
    n_header = _packets(tmp_path / "whole.mkv")[0][0]
    random = np.random.default_rng(5)
    path, n_refused = tmp_path / "flipped.mkv", 0
    for position in (*range(n_header), *random.integers(n_header, len(content), 200)):
        flipped = bytearray(content)
        flipped[position] ^= 1 << int(random.integers(8))
        path.write_bytes(flipped)
        try:
            with DepthReader(path, expected_frames=6) as reader:
                for number in range(reader.n_frames):
                    np.testing.assert_array_equal(reader[number], frames[number])
                n_refused += reader.n_missing > 0
        except FsamtError:
            n_refused += 1
    assert n_refused > 200, n_refused


@pytest.mark.parametrize("width", [64, 400])
def test_damaged_slice_is_reported_and_the_other_frames_are_given(tmp_path, make_depth, width):
    frames = make_depth(6, 48, width)
    path = _write(tmp_path / "d.mkv", frames)
    position, size, _ = _packets(path)[3]
    content = bytearray(path.read_bytes())
    content[position + size // 2] ^= 4
    path.write_bytes(content)
    with DepthReader(path) as reader:
        with pytest.raises(FsamtError, match=r"Frame 3 of .*d\.mkv is damaged"):
            list(reader)
        for number in (4, 2, 5, 0):
            np.testing.assert_array_equal(reader[number], frames[number])
        with pytest.raises(FsamtError, match="Frame 3"):
            reader[3]


def test_frame_lost_in_the_middle_does_not_move_the_others(tmp_path, make_depth):
    frames = make_depth(8)
    path = _write(tmp_path / "d.mkv", frames)
    content = path.read_bytes()
    clusters = [match.start() for match in re.finditer(b"\x1f\x43\xb6\x75", content)]
    path.write_bytes(content[: clusters[3]] + content[clusters[4] : clusters[7]])
    with DepthReader(path, expected_frames=8) as reader:
        assert (reader.n_frames, reader.n_missing) == (7, 2)
        with pytest.raises(FsamtError, match="Frame 3"):
            reader[3]
        np.testing.assert_array_equal(reader[5], frames[5])
        np.testing.assert_array_equal(reader[2], frames[2])


def test_killed_recorder_leaves_all_frames_but_the_last(tmp_path):
    path = tmp_path / "d.mkv"
    recorder = f"""
import os, signal
from pathlib import Path
import numpy as np
from fsamt_engine.media import DepthWriter
writer = DepthWriter(Path({str(path)!r}), 64, 48, 30)
for number in range(20):
    writer.write(np.full((48, 64), number, np.uint16))
os.kill(os.getpid(), {int(getattr(signal, "SIGKILL", signal.SIGTERM))})
"""
    subprocess.run(
        [sys.executable, "-c", recorder], check=False, env=os.environ | {"PYTHONPATH": ""}
    )
    with DepthReader(path, expected_frames=20) as reader:
        assert reader.n_frames >= 19
        assert reader.n_missing == 20 - reader.n_frames
        assert [int(frame[0, 0]) for frame in reader] == list(range(reader.n_frames))


def test_failure_of_the_caller_keeps_the_frames_so_far(tmp_path, make_depth):
    frames = make_depth(4)

    def record() -> None:
        with DepthWriter(tmp_path / "d.mkv", 64, 48, 30) as writer:
            for frame in frames:
                writer.write(frame)
            raise KeyError("camera")

    with pytest.raises(KeyError):
        record()
    with DepthReader(tmp_path / "d.mkv") as reader:
        np.testing.assert_array_equal(reader.read(0, 4), frames)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((48, 65), np.uint16),
        np.zeros((48, 64), np.int32),
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 1), np.uint16),
    ],
)
def test_wrong_frame_is_refused_and_costs_nothing(tmp_path, make_depth, frame):
    good = make_depth(2)
    with DepthWriter(tmp_path / "d.mkv", 64, 48, 30) as writer:
        writer.write(good[0])
        with pytest.raises(ValueError, match="64x48 uint16"):
            writer.write(frame)
        writer.write(good[1])
    with DepthReader(tmp_path / "d.mkv") as reader:
        np.testing.assert_array_equal(reader.read(0, 2), good)


def test_impossible_size_or_rate_is_refused(tmp_path):
    for width, height, rate_hz in [(0, 48, 30), (64, -1, 30), (64, 48, 0), (64, 48, 5000)]:
        with pytest.raises(ValueError, match="Hz"):
            DepthWriter(tmp_path / "d.mkv", width, height, rate_hz)


def test_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FsamtError, match="could not be written"):
        DepthWriter(tmp_path / "nowhere" / "d.mkv", 64, 48, 30)


def test_closing_twice_and_writing_after_closing(tmp_path, make_depth):
    writer = DepthWriter(tmp_path / "d.mkv", 64, 48, 30)
    writer.write(make_depth(1)[0])
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.write(make_depth(1)[0])


def test_what_is_no_depth_file_is_named(tmp_path, make_depth):
    text = tmp_path / "text.mkv"
    text.write_text("not a video " * 1000)
    (tmp_path / "empty.mkv").write_bytes(b"")
    DepthWriter(tmp_path / "no frames.mkv", 64, 48, 30).close()
    with ColourWriter(tmp_path / "colour.mkv", 64, 48, 30) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
    for name in ("text.mkv", "empty.mkv", "no frames.mkv", "colour.mkv", "absent.mkv"):
        with pytest.raises(FsamtError, match=name) as caught:
            DepthReader(tmp_path / name)
        assert caught.value.hint
    with pytest.raises(FsamtError):
        DepthReader(tmp_path)


def test_any_frame_of_a_take_of_hours_is_found(tmp_path):
    """FFmpeg thins its index out from 43,690 frames on, 24 minutes, where it is not told better."""
    n_frames = 43_800
    frames = np.zeros((n_frames, 2, 2), np.uint16)
    frames[:, 0, 0] = np.arange(n_frames)
    with DepthReader(_write(tmp_path / "long.mkv", frames)) as reader:
        for number in (n_frames - 1, *range(20_000, 20_008), 1, n_frames - 2, 7):
            assert reader[number][0, 0] == number
