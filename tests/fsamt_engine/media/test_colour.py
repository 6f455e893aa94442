import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.media import ColourReader, ColourWriter
from fsamt_engine.media.reading import VideoReader

# The 24 patches of the ColorChecker chart in sRGB (McCamy et al. 1976, as published by X-Rite).
PATCHES = [
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (255, 255, 255), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (0, 0, 0),
]  # fmt: skip


def _write(path: Path, frames: np.ndarray, rate_hz: float = 30) -> Path:
    with ColourWriter(path, frames.shape[2], frames.shape[1], rate_hz) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def _encode(path: Path, frames: np.ndarray, codec: str, **options: str) -> Path:
    """A foreign video, as other programs write them."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))
    return path


def _chart() -> np.ndarray:
    patches = np.array(PATCHES, np.uint8).reshape(4, 6, 3)
    return np.repeat(np.repeat(patches, 40, 0), 40, 1)


def test_colour_chart_comes_back(tmp_path):
    chart = _chart()
    with ColourReader(_write(tmp_path / "c.mkv", chart[None])) as reader:
        read = reader[0].astype(int)
    assert np.abs(read - chart).mean() < 2
    centres = np.abs(read - chart)[20::40, 20::40]
    assert centres.max() <= 5
    assert read[-20, 20].min() >= 252  # White and black: no range was squeezed or cut.
    assert read[-20, -20].max() <= 3


@pytest.mark.parametrize(("width", "height"), [(53, 31), (320, 240), (321, 241), (2, 3)])
def test_every_size_comes_back(tmp_path, width, height, make_colour):
    frames = make_colour(3, height, width)
    with ColourReader(_write(tmp_path / "c.mkv", frames)) as reader:
        assert (reader.width, reader.height, reader.n_frames) == (width, height, 3)
        read = reader.read(0, 3)
    assert read.dtype == np.uint8
    assert read.shape == frames.shape
    if width > 10:
        assert np.abs(read.astype(int) - frames).mean() < 3


def test_any_frame_equals_its_twin_of_the_sequence(tmp_path, make_colour):
    frames = make_colour(8)
    with ColourReader(_write(tmp_path / "c.mkv", frames, 29.97)) as reader:
        sequence = list(reader)
        for number in (7, 0, 3, 2, 6, 6):
            np.testing.assert_array_equal(reader[number], sequence[number])


def test_cut_file_gives_its_whole_frames(tmp_path, make_colour):
    frames = make_colour(8)
    path = _write(tmp_path / "c.mkv", frames)
    with ColourReader(path) as reader:
        whole = list(reader)
    content = path.read_bytes()
    for share in (0.3, 0.55, 0.8, 0.95):
        path.write_bytes(content[: int(len(content) * share)])
        with ColourReader(path) as reader:
            assert reader.n_missing == 8 - reader.n_frames
            assert reader.n_frames >= int(8 * share) - 2
            np.testing.assert_array_equal(list(reader), whole[: reader.n_frames])


@pytest.mark.parametrize(
    "frame", [np.zeros((48, 64), np.uint8), np.zeros((64, 48, 3), np.uint8), np.zeros((48, 64, 3))]
)
def test_wrong_frame_is_refused(tmp_path, frame):
    with (
        ColourWriter(tmp_path / "c.mkv", 64, 48, 30) as writer,
        pytest.raises(ValueError, match="64x48 RGB"),
    ):
        writer.write(frame)


@pytest.mark.parametrize("name", ["v.avi", "v.mp4", "v.mkv"])
def test_foreign_video_with_one_key_frame_and_frames_out_of_order(tmp_path, make_colour, name):
    frames = make_colour(9)
    path = _encode(tmp_path / name, frames, "libx264", bf="2", g="1000", crf="5")
    with ColourReader(path) as reader:
        assert (reader.n_frames, reader.n_missing) == (9, 0)
        sequence = list(reader)
        reds = [frame[..., 0].mean() for frame in sequence]
        assert np.allclose(reds, 20 + 25 * np.arange(9), atol=4)
        for number in (5, 1, 8, 0, 7):
            np.testing.assert_array_equal(reader[number], sequence[number])


_OPEN = {"x264-params": "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3"}


@pytest.mark.parametrize(
    ("name", "codec", "options", "n_decoded"),
    [
        ("v.mp4", "libx264", {"bf": "3", "g": "12"}, 12),
        ("v.mkv", "libx264", {"bf": "3", "g": "12"}, 12),
        ("v.avi", "libx264", {"bf": "3", "g": "12"}, 12),
        ("v.mp4", "libx264", _OPEN, 12),
        ("v.mkv", "libx264", _OPEN, 12),
        ("v.avi", "libx264", _OPEN, 61),
        ("v.mp4", "mpeg4", {"bf": "2", "g": "12"}, 12),
        ("v.avi", "mpeg4", {"bf": "2", "g": "12"}, 61),
        ("v.avi", "mpeg4", {"bf": "0", "g": "12"}, 12),
        ("v.avi", "msmpeg4v3", {"g": "7"}, 7),
        ("v.mkv", "libx264", {"x264-params": "intra-refresh=1:keyint=12:bframes=0"}, 61),
    ],
)
def test_any_frame_of_a_foreign_video_is_found_from_the_key_frame_before_it(
    tmp_path, monkeypatch, name, codec, options, n_decoded
):
    random = np.random.default_rng(0)
    frames = random.integers(0, 256, (61, 6, 8, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    path = _encode(tmp_path / name, frames, codec, **options)
    taken = []
    next_frame = VideoReader._next_frame
    monkeypatch.setattr(
        VideoReader, "_next_frame", lambda self: (taken.append(1), next_frame(self))[1]
    )
    with ColourReader(path) as reader:
        sequence = list(reader)
        assert len(sequence) == len(taken) == 61
        for number in [*range(60, -1, -1), *random.integers(0, 61, 60), *range(0, 61, 7)]:
            taken.clear()
            np.testing.assert_array_equal(reader[int(number)], sequence[number], str(number))
            assert len(taken) <= n_decoded + 1
    with ColourReader(path) as reader:
        np.testing.assert_array_equal(reader[59], sequence[59])
        np.testing.assert_array_equal(reader[60], sequence[60])
        np.testing.assert_array_equal(reader[13], sequence[13])


def test_reading_a_foreign_video_on_never_seeks(tmp_path, make_colour, monkeypatch):
    path = _encode(tmp_path / "v.avi", make_colour(), "libx264", g="1000")

    def refuse(*_):
        raise AssertionError("sought")

    monkeypatch.setattr(VideoReader, "_go_to", refuse)
    with ColourReader(path) as reader:
        assert len(list(reader)) == 8


def test_limited_range_and_matrix_of_a_file_are_followed(tmp_path):
    chart = _chart()
    for matrix in (av.video.reformatter.Colorspace.ITU709, av.video.reformatter.Colorspace.ITU601):
        path = tmp_path / f"{matrix.name}.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=30, options={"crf": "1"})
            stream.width, stream.height, stream.pix_fmt = 240, 160, "yuv420p"
            stream.codec_context.colorspace = 1 if matrix.name == "ITU709" else 6
            stream.codec_context.color_range = 1
            frame = av.VideoFrame.from_ndarray(chart, "rgb24").reformat(
                format="yuv420p", dst_colorspace=matrix, dst_color_range="MPEG"
            )
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        with ColourReader(path) as reader:
            centres = np.abs(reader[0].astype(int) - chart)[20::40, 20::40]
        assert centres.max() <= 5, matrix


def test_rotation_mark_is_ignored(tmp_path, make_colour):
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg program on this machine")
    plain = _encode(tmp_path / "plain.mp4", make_colour(), "libx264")
    turned = tmp_path / "turned.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(plain), "-c", "copy", "-metadata:s:v"]
    subprocess.run([*command, "rotate=90", str(turned)], check=True)
    with av.open(str(turned)) as container:
        if next(container.decode(video=0)).rotation == 0:
            pytest.skip("this ffmpeg writes no rotation mark that way")
    with ColourReader(plain) as one, ColourReader(turned) as other:
        np.testing.assert_array_equal(list(one), list(other))


def test_ffmpeg_reads_it(tmp_path, make_colour):
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg program on this machine")
    path = _write(tmp_path / "c.mkv", make_colour())
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    read = np.frombuffer(raw, np.uint8).reshape(make_colour().shape).astype(int)
    assert np.abs(read - make_colour()).mean() < 4


def test_cut_avi_is_noticed(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (8, 48, 64, 3)).astype(np.uint8)
    path = _encode(tmp_path / "v.avi", noise, "mpeg4", g="1")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.7)])
    with ColourReader(path) as reader:
        assert reader.n_missing > 0
        assert len(list(reader)) + reader.n_missing == 8


def test_garbage_in_the_middle_is_reported(tmp_path, make_colour):
    path = _encode(tmp_path / "v.mp4", make_colour(), "libx264", g="1000", crf="1")
    content = bytearray(path.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 400] = bytes(range(200)) * 2
    path.write_bytes(content)
    with pytest.raises(FsamtError, match=r"v\.mp4"), ColourReader(path) as reader:
        list(reader)


def test_what_is_no_video_is_named(tmp_path):
    (tmp_path / "text.avi").write_text("not a video " * 1000)
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
    ColourWriter(tmp_path / "no frames.mkv", 64, 48, 30).close()
    for name in ("text.avi", "sound.wav", "no frames.mkv", "absent.avi"):
        with pytest.raises(FsamtError, match=name):
            ColourReader(tmp_path / name)


def test_real_ntu_video_is_frame_exact(shared_data):
    [path] = (shared_data / "ntu-rgbd-sample").glob("*.avi")
    with ColourReader(path) as reader:
        assert (reader.n_frames, reader.n_missing, reader.width, reader.height) == (
            103,
            0,
            1920,
            1080,
        )
        means = [frame[::8, ::8].mean(axis=(0, 1)) for frame in reader]
        for number in (60, 10, 11):
            np.testing.assert_array_equal(reader[number][::8, ::8].mean(axis=(0, 1)), means[number])
