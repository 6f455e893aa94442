import os
import subprocess
import sys
from pathlib import Path

import pytest

from fsamt_engine.library import Library, takes
from fsamt_engine.library.verify import verify

N_TAKES = 40
N_KILLS = 60

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")


def test_import_killed_at_many_points_and_repeated_ends_as_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    root = tmp_path / "library"
    Library.create(root).close()
    command = [sys.executable, str(Path(__file__).with_name("importing.py")), str(root)]

    killed = subprocess.run(
        [*command, str(N_TAKES), str(N_KILLS)], capture_output=True, text=True, timeout=100
    )
    assert killed.returncode == 0, killed.stderr
    assert int(killed.stdout) > N_KILLS // 2

    with Library.open(root) as library:
        found = verify(library)
        assert found.is_sound
        assert 0 < len(found.sound) == takes.count_takes(library)
        assert all("broken off" in problem.what for problem in found.problems)

    subprocess.run([*command, str(N_TAKES)], check=True, timeout=60)
    with Library.open(root) as library:
        rows = takes.list_takes(library)
        assert [row.number for row in rows] == list(range(1, N_TAKES + 1))
        found = verify(library)
        assert found.problems == ()
        assert len(found.sound) == N_TAKES
        folders = sorted(folder.name for folder in library.takes_folder.iterdir())
        assert folders == list(found.sound)
        files = [p.name for f in library.takes_folder.iterdir() for p in f.iterdir()]
        assert set(files) == {"depth.mkv"}
