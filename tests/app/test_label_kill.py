import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fsamt_engine.library import Library
from fsamt_engine.library.history import redo, undo
from fsamt_engine.library.labels import segments

REPOSITORY = Path(__file__).parents[2]


def label_until(root: Path, n_lines: int) -> dict[str, list[list[object]]]:
    """Lets a window label takes, and kills it after so many changes.

    Returns:
        The labels of each take as they were last seen on its screen.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.app.killed_labelling", str(root), str(n_lines)],
        cwd=REPOSITORY,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(root.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(n_lines)]
    child.send_signal(signal.SIGKILL)
    rest, errors = child.communicate(timeout=20)
    assert child.returncode == -signal.SIGKILL, errors
    # The last line may be cut off where the process was killed while it wrote it.
    told = [*lines, *rest.splitlines(keepends=True)]
    return dict(json.loads(line) for line in told if line.endswith("\n"))


def on_disk(library: Library, take_id: str) -> list[list[object]]:
    return sorted([s.action, s.start, s.end] for s in segments(library, take_ids=[take_id]))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("n_lines", [1, 23, 60])
def test_killed_while_labelling_nothing_that_was_seen_is_lost(library_root: Path, n_lines: int):
    seen = label_until(library_root, n_lines)
    assert seen
    with Library.open(library_root) as library:
        missing = [
            take_id for take_id, labels in seen.items() if on_disk(library, take_id) != labels
        ]
        if not missing:
            return
        # The change under way when it was killed may be on disk and not on the screen yet. It is
        # one whole step, or one undone: taken back, everything is as it was seen.
        undo(library)
        if any(on_disk(library, take_id) != seen[take_id] for take_id in missing):
            redo(library)
            redo(library)
        assert {take_id: on_disk(library, take_id) for take_id in seen} == seen
