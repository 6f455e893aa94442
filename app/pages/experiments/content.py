"""From the engine's table to what the page shows of it."""

from app.pages.experiments.chart import ChartLine, ChartPoint
from app.pages.experiments.table_model import PaperCell, TableCell, TableContent
from fsamt_engine.experiments.published import PublishedTable
from fsamt_engine.experiments.table import PartialTable


def table_content(table: PartialTable, paper: PublishedTable | None) -> TableContent:
    """The rows of a table, with the paper's numbers beside them where it has any."""
    running = {(method, n_labels) for method, n_labels, _ in table.running}
    cells = tuple(
        tuple(
            TableCell(
                method=method,
                n_labels=n_labels,
                figure=table.figure(method, n_labels),
                n_done=len(table.of(method, n_labels)),
                n_seeds=table.n_seeds,
                is_running=(method, n_labels) in running,
            )
            for n_labels in table.labels
        )
        for method in table.methods
    )
    return TableContent(
        methods=table.methods,
        numbers=table.labels,
        cells=cells,
        paper=_paper_cells(table, paper),
        overlap=table.overlap,
        paper_says=f"{paper.source}. {paper.setting}." if paper else "",
    )


def chart_lines(table: PartialTable) -> tuple[ChartLine, ...]:
    """A line for each method, with the points that are known."""
    lines = []
    for method in table.methods:
        points = []
        for n_labels in table.labels:
            figure = table.figure(method, n_labels)
            if figure is not None:
                n_seeds = len(table.of(method, n_labels))
                points.append(ChartPoint(n_labels, figure.mean, figure.std, n_seeds))
        lines.append(ChartLine(method, tuple(points)))
    return tuple(lines)


def _paper_cells(
    table: PartialTable, paper: PublishedTable | None
) -> tuple[tuple[PaperCell, ...], ...]:
    """By row; nothing where the paper gives no number for any row of this table."""
    if paper is None or not any(paper.of(method) for method in table.methods):
        return ()
    rows = []
    for method in table.methods:
        known = dict(paper.of(method))
        rows.append(
            tuple(
                PaperCell(n, known[n].mean, known[n].std)
                if n in known
                else PaperCell(n, None, None)
                for n in paper.labels
            )
        )
    return tuple(rows)
