import pytest

from fsamt_engine.errors import Cancelled
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.library import Library, RunStatus
from fsamt_engine.library.runs import list_runs
from fsamt_engine.progress import Progress


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as library:
        yield library


def work_through(library, n_done):
    with recorded_run(library, "transfer", "key", {}, None) as recorded:
        for done in range(n_done + 1):
            recorded.on_progress(Progress("Transferring", done, 100))
        if n_done < 100:
            raise Cancelled(resumable=True)


def test_a_finished_run_is_done_in_whole_however_short_it_was(library):
    work_through(library, 100)
    (run,) = list_runs(library)
    assert (run.status, run.done, run.total) == (RunStatus.FINISHED, 100, 100)


def test_a_paused_run_says_where_it_stopped(library):
    with pytest.raises(Cancelled):
        work_through(library, 37)
    (run,) = list_runs(library)
    assert (run.status, run.done, run.total) == (RunStatus.PAUSED, 37, 100)
