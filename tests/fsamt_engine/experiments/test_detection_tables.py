"""Tables of detectors: their figure is the mAP at an overlap, wherever an accuracy stood before."""

import csv
import io
import json

import pytest

from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.ordering import Verdict, ordering
from fsamt_engine.experiments.published import published
from fsamt_engine.experiments.spread_svg import spread_chart
from fsamt_engine.experiments.table import Cell, PartialTable
from fsamt_engine.experiments.tabular import as_csv, as_latex, columns, rows
from tests.fsamt_engine.experiments.tables import (
    cell,
    detection_table_of,
    detector_cell,
    table_of,
)

OURS, SCRATCH = "ours, R-C3D", "from scratch, R-C3D"


def test_figure_of_a_detector_is_its_map_with_the_interval() -> None:
    figure = detector_cell(0, 40).figure
    assert figure.value == pytest.approx(0.4)
    assert figure.n == 100
    assert figure.interval is not None
    low, high = figure.interval
    assert low < 0.4 < high


def test_figure_is_the_map_at_the_overlap_of_the_table() -> None:
    # Two thirds of each segment are covered: right at 0.5, wrong at 0.7.
    table = detection_table_of({OURS: [40, 42]}, overlap=0.7)
    assert str(table.figure(OURS, 2)) == "0.0 ± 0.0"
    assert table.of(OURS, 2)[0].figure.interval is None
    assert table.measure == "mAP at 0.7"


def test_table_of_detectors_is_the_same_after_json() -> None:
    table = detection_table_of({SCRATCH: [20, 30], OURS: [60, 70]})
    again = PartialTable.from_dict(json.loads(json.dumps(table.to_dict())))
    assert again == table
    assert str(again.figure(OURS, 2)) == "65.0 ± 7.1"


def test_table_of_before_detection_is_read_as_it_was() -> None:
    table = table_of({"from scratch": [50, 60]})
    content = json.loads(json.dumps(table.to_dict()))
    assert "overlap" not in content
    assert set(content["cells"][0]["cells"][0]) == {"seed", "model", "scores"}
    again = PartialTable.from_dict(content)
    assert (again.measure, again.tested) == ("accuracy", "100 clips")
    assert Cell.from_dict(content["cells"][0]["cells"][0]) == cell(0, 50)


def test_every_form_of_the_table_says_what_its_figures_are() -> None:
    table = detection_table_of({SCRATCH: [20, 30, 25], OURS: [60, 70, 65]})
    assert table.tested == "100 segments"
    assert rows(table, None)[1] == (OURS, "65.0 ± 5.0")
    assert columns(table, None) == ("method", "2 labels an action")
    assert "mAP at 0.5 in %" in spread_chart(table)
    assert "accuracy" not in spread_chart(table).casefold()
    lines = list(csv.DictReader(io.StringIO(as_csv(table, None))))
    assert [(one["method"], one["seed 1"], one["overlap"]) for one in lines] == [
        (SCRATCH, "30.00", "0.5"),
        (OURS, "70.00", "0.5"),
    ]
    assert r"\textbf{65.0 $\pm$ 5.0}" in as_latex(table, None)


def test_order_of_the_paper_is_judged_head_by_head() -> None:
    table = detection_table_of(
        {
            SCRATCH: [20, 21, 22],
            OURS: [60, 61, 62],
            "from scratch, anchor-free": [50, 51, 52],
            "ours, anchor-free": [30, 31, 32],
        }
    )
    said = ordering(table, published(ExperimentKind.DETECTION))
    assert [(one.better, one.worse, one.verdict) for one in said] == [
        (OURS, SCRATCH, Verdict.AGREES),
        ("ours, anchor-free", "from scratch, anchor-free", Verdict.DISAGREES),
    ]
