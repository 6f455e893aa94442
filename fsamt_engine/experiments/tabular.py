"""A table as rows of text: for a terminal, for a spreadsheet, and for a paper."""

import csv
import io
from collections.abc import Mapping, Sequence

from fsamt_engine.experiments.published import PublishedTable
from fsamt_engine.experiments.table import PartialTable

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def columns(table: PartialTable, paper: PublishedTable | None) -> tuple[str, ...]:
    """Headings: the method, each number of labels, and those of the paper."""
    own = tuple(f"{n} label{'' if n == 1 else 's'} an action" for n in table.labels)
    theirs = tuple(f"paper, {n}" for n in paper.labels) if paper else ()
    return ("method", *own, *theirs)


def rows(table: PartialTable, paper: PublishedTable | None) -> list[tuple[str, ...]]:
    """A row for each method; what is not known is empty."""
    return [
        (
            method,
            *(str(table.figure(method, n) or "") for n in table.labels),
            *((str(paper.cells.get((method, n), "")) for n in paper.labels) if paper else ()),
        )
        for method in table.methods
    ]


def as_csv(table: PartialTable, paper: PublishedTable | None) -> str:
    """One line for each place of the table and each number of the paper, in %; one column a seed.

    The columns: source ("here" or "paper"), method, labels an action, mean, standard deviation,
    seeds, and the figure of each seed; of detectors last the overlap at which it is the mAP.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    seeds = [f"seed {seed}" for seed in range(table.n_seeds)]
    further, overlap = ([], []) if table.overlap is None else (["overlap"], [table.overlap])
    writer.writerow(["source", "method", "labels", "mean", "std", "n_seeds", *seeds, *further])
    for method in table.methods:
        for n_labels in table.labels:
            found = table.figure(method, n_labels)
            if found is None:
                continue
            by_seed = {c.seed: 100 * c.figure.value for c in table.of(method, n_labels)}
            own = [_number(by_seed.get(seed)) for seed in range(table.n_seeds)]
            spread = [_number(found.mean), _number(found.std), len(by_seed)]
            writer.writerow(["here", method, n_labels, *spread, *own, *overlap])
    for (method, n_labels), cell in (paper.cells if paper else {}).items():
        writer.writerow(["paper", method, n_labels, _number(cell.mean), _number(cell.std), ""])
    return text.getvalue()


def as_latex(table: PartialTable, paper: PublishedTable | None) -> str:
    """A tabular for the booktabs package; the highest mean of each column is bold."""
    shown = paper if paper and paper.cells else None
    n_theirs = len(shown.labels) if shown else 0
    lines = [
        rf"\begin{{tabular}}{{l{'r' * len(table.labels)}{'r' * n_theirs}}}",
        r"\toprule",
    ]
    heads = [f"{n} label{'' if n == 1 else 's'}" for n in table.labels]
    heads += [f"paper, {n}" for n in (shown.labels if shown else ())]
    lines += [" & ".join(["Method", *heads]) + r" \\", r"\midrule"]
    best = {n: _best(table, n) for n in table.labels}
    for method in table.methods:
        own = [_latex_cell(table, method, n, best) for n in table.labels]
        theirs = [
            rf"{cell.mean:.1f} $\pm$ {cell.std:.1f}" if cell else ""
            for n in (shown.labels if shown else ())
            for cell in [shown.cells.get((method, n)) if shown else None]
        ]
        lines.append(" & ".join([_escaped(method), *own, *theirs]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _latex_cell(
    table: PartialTable, method: str, n_labels: int, best: Mapping[int, Sequence[str]]
) -> str:
    found = table.figure(method, n_labels)
    if found is None:
        return ""
    text = f"{found.mean:.1f}" + ("" if found.std is None else rf" $\pm$ {found.std:.1f}")
    return rf"\textbf{{{text}}}" if list(best[n_labels]) == [method] else text


def _best(table: PartialTable, n_labels: int) -> list[str]:
    means = {
        method: found.mean
        for method in table.methods
        if (found := table.figure(method, n_labels)) is not None
    }
    return [method for method, mean in means.items() if mean == max(means.values())]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
