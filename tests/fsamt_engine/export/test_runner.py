"""The runner of a bundle: a program of its own, that knows nothing of ours."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.capture.camera import CameraSettings, StreamMode
from fsamt_engine.capture.cameras import open_camera
from fsamt_engine.capture.realsense_recording import record_camera
from fsamt_engine.export.clips import RealClip, choose_clips, read_clip
from fsamt_engine.export.parity import Original
from fsamt_engine.export.settings import Exported
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.portable import prepared_network
from fsamt_engine.learning.store import load_model
from fsamt_engine.library import StreamKind
from tests.fsamt_engine.export.leaving import SHAPE, House

FRAME_US = 33_333


@pytest.fixture(scope="module")
def runner(bundle: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(folder)
    return folder / "recognise.py"


@pytest.fixture
def clip(house: House) -> RealClip:
    window = choose_clips(house.library, house.recogniser, SHAPE).windows[0]
    return read_clip(house.library, window, SHAPE)


def run(runner: Path, *words: object) -> tuple[list[dict], str]:
    """Its answers, and what it said beside them; nothing of ours can be imported by it."""
    command = [sys.executable, "-I", str(runner), *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=runner.parent, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def expected(house: House, clip: RealClip) -> np.ndarray:
    loaded = load_model(house.library, house.recogniser, choose_device("cpu"))
    original = Original(loaded, prepared_network(loaded))
    return original.probabilities(original.prepared_live(clip))


def saved(path: Path, clip: RealClip, at_us: np.ndarray) -> Path:
    lens = clip.intrinsics
    assert lens is not None
    known = np.array([lens.fx, lens.fy, lens.cx, lens.cy])
    np.savez(path, depth=clip.frames, at_us=at_us, unit_m=clip.unit_m, intrinsics=known)
    return path


def test_it_has_fewer_than_a_hundred_lines_and_nothing_of_ours(runner: Path) -> None:
    text = runner.read_text()
    assert len(text.splitlines()) < 100
    assert "fsamt" not in text


def test_it_teaches_how_to_use_it(runner: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(runner), "--help"], capture_output=True, text=True, check=True
    )
    assert "pip install onnxruntime numpy pyrealsense2" in done.stdout
    assert "recording.db3" in done.stdout


def test_frames_of_a_file_are_answered_as_the_program_does(
    house: House, runner: Path, clip: RealClip, tmp_path: Path
) -> None:
    at_us = np.arange(len(clip.frames)) * FRAME_US
    answers, said = run(runner, saved(tmp_path / "clip.npz", clip, at_us))
    assert [one["at_us"] for one in answers] == at_us.tolist()
    assert [one["n_seen"] for one in answers] == list(range(1, len(clip.frames) + 1))
    ours = expected(house, clip)
    top = dict(answers[-1]["top"])
    for place, action in enumerate(house.recogniser.actions):
        assert top[action] == pytest.approx(ours[place], abs=1e-5)
    assert answers[-1]["action"] == house.recogniser.actions[ours.argmax()]
    assert said.startswith("Open: depth")


def test_it_keeps_the_pace_of_the_training(runner: Path, clip: RealClip, tmp_path: Path) -> None:
    frames = np.arange(len(clip.frames))
    quick, _ = run(runner, saved(tmp_path / "quick.npz", clip, frames * FRAME_US // 2))
    assert [one["at_us"] for one in quick] == (frames[::2] * FRAME_US // 2).tolist()
    gaps = frames * FRAME_US
    gaps[3:] += 2 * FRAME_US
    gaps[8:] += 100 * FRAME_US
    answers, _ = run(runner, saved(tmp_path / "gaps.npz", clip, gaps))
    assert [one["n_seen"] for one in answers][:10] == [1, 2, 3, 6, 7, 8, 9, 10, 1, 2]


def test_of_a_recording_only_depth_is_opened_and_no_frame_is_left_out(
    house: House, runner: Path, tmp_path: Path
) -> None:
    pytest.importorskip("pyrealsense2")
    modes = [StreamMode(kind, 424, 240, 30.0) for kind in (StreamKind.DEPTH, StreamKind.COLOUR)]
    camera = open_camera("simulated:1/wave", real_time=False)
    n_frames = record_camera(tmp_path / "wave.db3", camera, CameraSettings(tuple(modes)), 1.0)
    camera.close()
    answers, said = run(runner, tmp_path / "wave.db3")
    assert said.strip() == "Open: Depth, 30 Hz"
    assert len(answers) in (n_frames // 2, n_frames // 2 + 1)
    played = open_camera(f"file:{tmp_path / 'wave.db3'}", real_time=False)
    played.start(CameraSettings((modes[0],)))
    frames, unit_m = [], played.streams[0].unit_m
    while (frame := played.read()) is not None:
        frames.append(frame)
    lens = played.calibration.depth
    played.close()
    assert [one["at_us"] for one in answers] == [frame.at_us for frame in frames]
    clip = RealClip(np.stack([frame.pixels for frame in frames]), unit_m or 0.0, lens)
    top = dict(answers[-1]["top"])
    for action, ours in zip(house.recogniser.actions, expected(house, clip), strict=True):
        assert top[action] == pytest.approx(ours, abs=1e-5)


def test_what_cannot_be_opened_is_said_in_a_sentence(runner: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyrealsense2")
    done = subprocess.run(
        [sys.executable, "-I", str(runner)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "No depth can be opened" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["nothing.db3", "nothing.npz", "no-depth.npz", "text.npz"])
def test_a_wrong_file_is_said_in_a_sentence(runner: Path, tmp_path: Path, name: str) -> None:
    if name.endswith("db3"):
        pytest.importorskip("pyrealsense2")
    np.savez(tmp_path / "no-depth.npz", at_us=np.arange(3))
    (tmp_path / "text.npz").write_text("hello")
    done = subprocess.run(
        [sys.executable, "-I", str(runner), str(tmp_path / name)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr
