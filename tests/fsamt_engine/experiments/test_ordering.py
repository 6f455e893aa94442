"""What is said of the order of a table, and when it is not said."""

import pytest
from scipy.stats import ttest_rel

from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.ordering import Verdict, difference, ordering
from fsamt_engine.experiments.published import published
from tests.fsamt_engine.experiments.tables import table_of

GRANULARITY = published(ExperimentKind.GRANULARITY)
CLASSIFICATION = published(ExperimentKind.CLASSIFICATION)


def verdicts(rows: dict[str, list[int]]) -> dict[tuple[str, str], Verdict]:
    said = ordering(table_of(rows), CLASSIFICATION)
    return {(one.better, one.worse): one.verdict for one in said}


def test_interval_is_that_of_the_paired_t_test() -> None:
    ours, other = [80, 84, 79, 88, 81], [70, 76, 77, 74, 75]
    found = difference(table_of({"ours": ours, "from scratch": other}), "ours", "from scratch", 2)
    expected = ttest_rel(ours, other).confidence_interval(0.95)
    assert found is not None
    assert found.interval == pytest.approx((expected.low, expected.high))
    assert found.points == pytest.approx(8.0)


def test_same_spread_around_a_larger_difference_is_told() -> None:
    close = {"ours": [80, 70, 75], "from scratch": [76, 74, 73]}
    apart = {"ours": [80, 70, 75], "from scratch": [46, 44, 43]}
    assert verdicts(close) == {("ours", "from scratch"): Verdict.UNTOLD}
    assert verdicts(apart) == {("ours", "from scratch"): Verdict.AGREES}


def test_reverse_order_does_not_agree_and_says_so() -> None:
    rows = {"ours": [50, 52, 51], "from scratch": [80, 81, 82]}
    (sentence,) = ordering(table_of(rows), CLASSIFICATION)
    assert sentence.verdict is Verdict.DISAGREES
    assert sentence.words.startswith("Other than in the paper, ours is worse than from scratch")
    assert "-30.0 points" in sentence.words


def test_seeds_that_agree_to_the_clip_are_not_taken_for_certainty() -> None:
    found = difference(
        table_of({"ours": [70, 71, 72], "from scratch": [69, 70, 71]}), "ours", "from scratch", 2
    )
    assert found is not None
    assert found.interval == pytest.approx((0.0, 2.0))


def test_two_seeds_that_agree_by_chance_claim_nothing() -> None:
    (sentence,) = ordering(table_of({"ours": [90, 90], "from scratch": [10, 10]}), CLASSIFICATION)
    assert sentence.verdict is Verdict.UNTOLD
    assert "cannot be told with so few seeds (2; it takes 3): +80.0 points" in sentence.words
    assert verdicts({"ours": [90, 90, 90], "from scratch": [10, 10, 10]}) == {
        ("ours", "from scratch"): Verdict.AGREES
    }


def test_one_seed_tells_nothing() -> None:
    (sentence,) = ordering(table_of({"ours": [90], "from scratch": [10]}), CLASSIFICATION)
    assert sentence.verdict is Verdict.UNTOLD
    assert sentence.words.startswith("Who is better, ours against from scratch, cannot")


def test_only_seeds_that_both_have_are_compared() -> None:
    rows = {"ours": [80, 81, 82, 99], "from scratch": [70, 71, 72]}
    found = difference(table_of(rows), "ours", "from scratch", 2)
    assert found is not None
    assert found.points == pytest.approx(10)


def test_cells_that_are_not_there_yet_say_nothing() -> None:
    assert ordering(table_of({"ours": [80, 81], "from scratch": []}), CLASSIFICATION) == ()


def test_the_paper_is_held_to_what_it_compared_and_to_nothing_else() -> None:
    compared = ("from scratch", "flow pretraining", "soft targets, same actions")
    others = ("soft targets, source actions", "InfoNCE", "mean squared (MARS)")
    rows = {name: [1, 2] for name in (*compared, *others, "ours")}
    assert set(verdicts(rows)) == {("ours", name) for name in compared}


def test_granularities_are_held_against_each_other() -> None:
    said = ordering(table_of({"clip": [1, 2], "video": [1, 2], "video+clip": [3, 4]}), GRANULARITY)
    assert {(one.better, one.worse) for one in said} == {
        ("video", "clip"),
        ("video+clip", "video"),
        ("video+clip", "clip"),
    }


def test_only_lines_of_one_network_are_held_against_each_other() -> None:
    names = [
        f"{what}, {which}"
        for which in ("stgcn_20", "2s_agcn_20")
        for what in ("from scratch", "ours rgb", "ours flow")
    ]
    said = ordering(table_of({name: [1, 2] for name in names}), published(ExperimentKind.SKELETON))
    assert len({(one.better, one.worse) for one in said}) == 6
    assert all(one.better.endswith(one.worse.partition(", ")[2]) for one in said)


def test_only_lines_of_one_given_teacher_are_held_against_each_other() -> None:
    names = [
        f"{what} ({teacher})"
        for teacher in ("Kinetics-400, flow", "VideoMAE, rgb")
        for what in ("flow pretraining", "ours")
    ]
    said = verdicts({name: [1, 2] for name in ("from scratch", *names)})
    assert set(said) == {
        (ours, other)
        for pretraining, ours in (names[:2], names[2:])
        for other in ("from scratch", pretraining)
    }


def test_table_beyond_the_paper_has_no_order_to_agree_with() -> None:
    assert published(ExperimentKind.LOSSES) is None
    assert ordering(table_of({"ours": [1, 2], "relational": [3, 4]}), None) == ()


def test_published_numbers_are_those_of_the_poster() -> None:
    assert GRANULARITY is not None
    assert str(GRANULARITY.cells["video+clip", 100]) == "76.2 ± 0.3"
    source = published("source-modality")
    assert source is not None
    assert [(n, cell.mean) for n, cell in source.of("rgb teacher")] == [
        (20, 62.85),
        (50, 66.01),
        (100, 68.64),
    ]


@pytest.mark.parametrize("kind", ["classification", "target-labels", "skeleton", "ntu-to-ntu"])
def test_what_cannot_be_read_off_the_bars_stays_empty(kind: str) -> None:
    found = published(kind)
    assert found is not None
    assert not found.cells
    assert "cannot be" in found.note
