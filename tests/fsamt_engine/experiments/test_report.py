"""The report carries everything in one file, escapes what it shows, and is whole or not there."""

import errno
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments import report as reports
from fsamt_engine.experiments.report import (
    ConfusionMatrix,
    Curve,
    Picture,
    Report,
    Row,
    Table,
    render_report,
    write_report,
)
from fsamt_engine.experiments.svg import Series

VOID = {"meta", "img", "br", "link", "hr", "input"}


class Nesting(HTMLParser):
    """Checks that every tag is closed by its own end, and collects the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def example(**changes: object) -> Report:
    rows = (
        Row("from scratch", 2, 49.0, 1.5, (47.5, 50.5)),
        Row("from scratch", 5, 69.0, 1.0, (68.0, 70.0)),
        Row("ours", 2, 73.25, 0.25, (73.0, 73.5)),
    )
    parts: dict[str, object] = {
        "title": "Few labels",
        "summary": ("Ours helps.",),
        "tables": (Table("Accuracy", rows),),
        "curves": (
            Curve("Teacher", (Series("training", (0, 1), (2.0, 1.0)),), 1, "cross entropy"),
        ),
        "confusions": (
            ConfusionMatrix("Ours", ("wave", "sit <down>"), np.array([[3, 1], [0, 0]])),
        ),
        "pictures": (Picture("Take 1", (("depth", np.zeros((8, 8, 3), np.uint8)),)),),
        "settings": {"network": "r3d_tiny", "transfer": {"rate": 0.001, "on": [1, 2]}},
        "commands": ("fsamt experiment --library 'a & b'",),
        "versions": {"torch": "2.14"},
    }
    return Report(**(parts | changes))  # type: ignore[arg-type]


def text_of(page: str) -> str:
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    return " ".join(parser.text.split())


def test_table_shows_mean_spread_and_every_seed() -> None:
    text = text_of(render_report(example()))
    assert "ours 73.2 ± 0.2 % best seeds: 73.0, 73.5" in text
    assert "from scratch 49.0 ± 1.5 % seeds: 47.5, 50.5 69.0 ± 1.0 % best" in text


def test_no_method_is_best_where_two_share_it() -> None:
    rows = tuple(Row(name, 2, 50.0, 0.0, (50.0, 50.0)) for name in ("ours", "from scratch"))
    assert "% best" not in text_of(render_report(example(tables=(Table("Accuracy", rows),))))


def test_a_single_seed_has_no_spread() -> None:
    alone = Table("Accuracy", (Row("ours", 2, 70.0, None, (70.0,)),))
    assert "ours 70.0 % best seed: 70.0" in text_of(render_report(example(tables=(alone,))))


def test_a_cell_that_was_not_run_says_so() -> None:
    assert "not run" in text_of(render_report(example()))


def test_settings_are_shown_with_dotted_names() -> None:
    assert "transfer.rate 0.001 transfer.on 1, 2" in text_of(render_report(example()))


def test_confusion_cells_say_in_words_what_they_count() -> None:
    page = render_report(example())
    assert 'aria-label="3 of 4 clips of wave recognised as wave"' in page
    assert "sit &lt;down&gt;" in page
    assert "sit <down>" not in page


def test_an_action_without_clips_has_no_strength() -> None:
    page = render_report(example())
    cell = re.search(r'<td class="(\w*)" style="--share: (\d+)%" title="0 of 0 clips', page)
    assert cell is not None
    assert cell.groups() == ("", "0")


def test_page_needs_nothing_from_outside() -> None:
    page = render_report(example())
    assert "<script" not in page
    addresses = re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', page)
    assert len(addresses) == 1
    assert addresses[0][0].startswith("data:image/png;base64,")


def test_what_is_empty_is_left_out() -> None:
    bare = Report("Nothing yet", ("No run is finished.",), versions={})
    text = text_of(render_report(bare))
    assert "Run it again" not in text
    assert "Training" not in text


def test_report_is_written_into_a_new_folder_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.html"
    write_report(path, example())
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]
    assert "Few labels" in path.read_text(encoding="utf-8")


def test_a_full_disk_is_said_and_the_old_report_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(FsamtError, match="full"):
        write_report(path, example())
    assert path.read_text() == "old"


def test_versions_name_this_python_and_torch() -> None:
    versions = reports.program_versions()
    assert versions["python"].startswith("3.")
    assert "torch" in versions
