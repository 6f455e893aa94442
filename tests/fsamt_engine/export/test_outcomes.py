"""What an export says and leaves when something is not as it should be."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.export import clips, parity
from fsamt_engine.export.files import refuse_ending, workshop
from fsamt_engine.export.settings import Exported, ExportFormat, Parity, Speed
from tests.fsamt_engine.export.leaving import House

FINE = Parity(20, 2, 20, 0.05, 0.001, 0.1, "people")
ENDS_AT_ONCE = """
import os
from pathlib import Path
from fsamt_engine.export.files import workshop
with workshop(Path("model.zip"), False) as folder:
    (folder / "half").write_text("made")
    os._exit(9)
"""


@pytest.mark.parametrize(
    ("name", "format", "right"),
    [
        ("wave.txt", ExportFormat.BUNDLE, "wave.zip"),
        ("wave.zip", ExportFormat.ONNX, "wave.onnx"),
        ("wave.onnx", ExportFormat.PT2, "wave.pt2"),
        ("wave.safetensors", ExportFormat.SAFETENSORS, "wave.zip"),
    ],
)
def test_a_name_of_another_kind_of_file_is_refused(
    name: str, format: ExportFormat, right: str
) -> None:
    with pytest.raises(FsamtError) as refused:
        refuse_ending(Path(name), format)
    assert right in (refused.value.hint or "")


@pytest.mark.parametrize("name", ["wave", "wave.zip", "v1.2"])
def test_weights_leave_as_a_folder_or_a_zip(name: str) -> None:
    refuse_ending(Path(name), ExportFormat.SAFETENSORS)


def test_the_ending_is_refused_before_anything_is_done(house: House, tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match=r"wave\.txt"):
        house.export(tmp_path / "wave.txt", ExportFormat.BUNDLE)
    assert not list(tmp_path.iterdir())


def test_what_a_killed_export_left_is_swept_by_the_next_one(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", ENDS_AT_ONCE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 9
    (left,) = tmp_path.iterdir()
    with (
        workshop(tmp_path / "one.zip", False) as first,
        workshop(tmp_path / "two.zip", False) as second,
    ):
        assert not left.exists()
        assert first.is_dir()
        assert second.is_dir()
    assert not list(tmp_path.iterdir())


def test_damaged_clips_are_left_out_and_counted(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, asked = clips.read_clip, []

    def damaged_first(*args: object) -> object:
        asked.append(args)
        if len(asked) == 1:
            raise FsamtError("A frame is damaged.")
        return usual(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(clips, "read_clip", damaged_first)
    done = house.export(tmp_path / "weights", ExportFormat.SAFETENSORS)
    assert done.parity.n_left_out == 1
    assert done.parity.n_clips == len(asked) - 1
    assert "left out: 1" in done.card


def test_without_a_whole_clip_nothing_is_handed_over(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parity, "whole_clip", lambda *_: None)
    with pytest.raises(FsamtError, match="damaged"):
        house.export(tmp_path / "weights", ExportFormat.SAFETENSORS)
    assert not list(tmp_path.iterdir())


def test_answers_that_name_another_action_too_often_are_refused() -> None:
    assert FINE.is_kept
    assert replace(FINE, n_agreeing=18).is_kept
    assert not replace(FINE, n_agreeing=17).is_kept
    assert not replace(FINE, max_difference=0.11).is_kept


@pytest.mark.parametrize(
    ("ms", "said"), [(10.9, "about as fast"), (11.1, "slower"), (9.2, "about"), (9.0, "quicker")]
)
def test_a_small_difference_in_speed_is_none(ms: float, said: str) -> None:
    speeds = (Speed("32-bit", 10.0, 4_000_000), Speed("8-bit", ms, 1_000_000))
    done = Exported(Path("a"), ExportFormat.ONNX_INT8, "m", 1, FINE, speeds, "", 1.0)
    assert said in done.speed_words
