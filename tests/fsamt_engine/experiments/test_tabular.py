"""Tables as text."""

import csv
import io

from fsamt_engine.experiments.published import published
from fsamt_engine.experiments.tabular import as_csv, as_latex, columns, rows
from tests.fsamt_engine.experiments.tables import table_of

TABLE = table_of({"clip": [50, 60], "video": [], "video+clip": [70, 80]}, n_labels=5)
PAPER = published("granularity")


def test_row_has_own_figures_and_those_of_the_paper() -> None:
    assert columns(TABLE, PAPER) == (
        "method",
        "5 labels an action",
        "paper, 20",
        "paper, 50",
        "paper, 100",
    )
    assert rows(TABLE, PAPER)[0] == (
        "clip",
        "55.0 ± 7.1",
        "64.8 ± 1.0",
        "70.3 ± 0.4",
        "72.9 ± 0.5",
    )
    assert rows(TABLE, PAPER)[1][1] == ""
    assert rows(TABLE, None)[0] == ("clip", "55.0 ± 7.1")


def test_csv_holds_every_seed_and_the_paper() -> None:
    found = list(csv.DictReader(io.StringIO(as_csv(TABLE, PAPER))))
    here = [one for one in found if one["source"] == "here"]
    assert [(one["method"], one["seed 0"], one["seed 1"]) for one in here] == [
        ("clip", "50.00", "60.00"),
        ("video+clip", "70.00", "80.00"),
    ]
    assert sum(one["source"] == "paper" for one in found) == 9


def test_latex_marks_the_best_and_escapes_names() -> None:
    text = as_latex(TABLE, PAPER)
    assert r"\textbf{75.0 $\pm$ 7.1}" in text
    assert r"clip & 55.0 $\pm$ 7.1 & 64.8 $\pm$ 1.0" in text
    assert text.count("&") == 4 * 4
    odd = as_latex(table_of({"100 % of a_b & c": [50]}), None)
    assert r"100 \% of a\_b \& c & \textbf{50.0}" in odd


def test_equally_good_methods_are_both_left_plain() -> None:
    assert "textbf" not in as_latex(table_of({"one": [50, 60], "other": [60, 50]}), None)
