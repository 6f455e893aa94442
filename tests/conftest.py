"""Fixtures of the whole suite."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the real data sets that lie beside the project on some machines."""
    folder = Path(os.environ.get("FSAMT_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder} (set FSAMT_SHARED_DATA)")
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a folder on a disk of its own with so many kB; only root on Linux can."""
    folder = tmp_path / "small disk"

    def make(size_kb: int) -> Path:
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            pytest.skip("only root on Linux can mount a small disk")
        folder.mkdir()
        mounting = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder)]
        if subprocess.run(mounting, capture_output=True, check=False).returncode:
            folder.rmdir()
            pytest.skip("no disk can be mounted here")
        return folder

    yield make
    if folder.exists():
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
