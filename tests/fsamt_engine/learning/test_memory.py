"""Memory that a step frees is there for the next one."""

import mmap
import subprocess
import sys

import pytest

from fsamt_engine.learning.memory import resident_bytes

PROGRAM = """
import resource, sys
import numpy as np
from fsamt_engine.learning.memory import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
def fill():
    for _ in range(4):
        np.ones(5_000_000)
fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    fill()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(how: str) -> int:
    command = [sys.executable, "-c", PROGRAM, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_freed_blocks_are_used_again() -> None:
    assert page_faults("keep") < page_faults("as it comes") / 10


@pytest.mark.skipif(sys.platform == "darwin", reason="the system does not say")
def test_occupied_memory_grows_with_what_is_held() -> None:
    # Mapped by itself: what was freed before would be used again otherwise, and nothing would grow.
    with mmap.mmap(-1, 200_000_000) as held:
        before = resident_bytes()
        for place in range(0, len(held), mmap.PAGESIZE):
            held[place] = 1
        after = resident_bytes()
    assert before is not None
    assert after is not None
    assert after - before > 150_000_000
