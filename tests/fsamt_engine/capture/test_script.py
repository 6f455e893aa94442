"""Scripts as files: what is read comes back, and what is wrong is named."""

import json
from pathlib import Path

import pytest

from fsamt_engine.capture.script import Script, ScriptStep, load_script, save_script
from fsamt_engine.errors import FsamtError

WAVE_TWICE = {"action": "wave", "seconds": 5, "repetitions": 2, "rest_s": 4}


def file_of(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "script.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_script_that_was_saved_is_read_again(tmp_path: Path) -> None:
    script = Script((ScriptStep("grüßen", 2.5, 3, 0.0), ScriptStep("draw x", 4.0)), 5.0)
    save_script(script, tmp_path / "script.json")
    assert load_script(tmp_path / "script.json") == script
    assert "grüßen" in (tmp_path / "script.json").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["script.json"]


def test_what_a_file_leaves_out_has_a_default(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"steps": [{"action": "wave", "seconds": 5}]})
    assert load_script(path) == Script((ScriptStep("wave", 5, 1, 3.0),), 3.0)


def test_a_script_of_an_editor_that_marks_utf_8_is_read(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"steps": [WAVE_TWICE]}), encoding="utf-8-sig")
    assert load_script(path).steps[0].action == "wave"


def test_takes_are_counted_within_their_step() -> None:
    script = Script((ScriptStep("wave", 5, 2, 4), ScriptStep("clap", 3)), 2.0)
    assert [(one.action, one.number, one.of) for one in script.takes] == [
        ("wave", 1, 2),
        ("wave", 2, 2),
        ("clap", 1, 1),
    ]
    assert script.seconds == (2 + 5 + 4) * 2 + 2 + 3


def step(**changes: object) -> dict[str, object]:
    return {"steps": [WAVE_TWICE, WAVE_TWICE | changes]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"steps": [\n{"action": "wave",]}', r"is not JSON \(line 2\)"),
        ("[" * 100_000, "is not JSON"),
        ('{"steps": [{"action": "wave", "seconds": ' + "9" * 5000 + "}]}", "is not JSON"),
        ([], "The script is not an object"),
        ({"countdown_s": 3}, 'The script has no "steps"'),
        ({"steps": []}, "The script has no steps"),
        ({"steps": "wave"}, '"steps" is "wave", not a list'),
        ({"steps": ["wave"]}, "Step 1 is not an object"),
        ({"steps": [{"seconds": 5}]}, 'Step 1 has no "action"'),
        (step(seconds="5"), 'Step 2: "seconds" is "5", not a number'),
        (step(seconds=True), 'Step 2: "seconds" is true, not a number'),
        (step(repetitions=1.5), 'Step 2: "repetitions" is 1.5, not a whole number'),
        (step(reps=2), 'Step 2 has "reps", which means nothing here'),
        (step(seconds=0), r'Step 2 \("wave"\): seconds is 0'),
        (step(seconds=float("nan")), r'Step 2 \("wave"\): seconds is NaN'),
        (step(seconds=10**400), r'Step 2 \("wave"\): seconds is 1000'),
        (step(rest_s=-1), r'Step 2 \("wave"\): rest_s is -1'),
        (step(repetitions=0), r'Step 2 \("wave"\): repetitions is 0'),
        (step(repetitions=9999), "more than 10,000 takes"),
        (step(action=" "), "Step 2 of the script has no action"),
        (step(action="wa\nve"), "Step 2 of the script has no action"),
        ({"steps": [WAVE_TWICE], "countdown_s": 601}, "countdown_s is 601"),
    ],
)
def test_what_is_wrong_with_a_script_is_named(
    tmp_path: Path, content: object, sentence: str
) -> None:
    path = file_of(tmp_path, content)
    with pytest.raises(FsamtError, match=sentence) as raised:
        load_script(path)
    assert str(path) in raised.value.message
    assert raised.value.hint
    assert len(raised.value.message) < 300


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match=r"none\.json cannot be read"):
        load_script(tmp_path / "none.json")
    with pytest.raises(FsamtError, match="cannot be read"):
        load_script(tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "script.json").write_bytes(b"\xff\xfe\x00picture")
    with pytest.raises(FsamtError, match="not a text in UTF-8"):
        load_script(tmp_path / "script.json")
