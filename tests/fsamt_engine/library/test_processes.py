import os
import subprocess
import sys

import pytest

from fsamt_engine.library.processes import is_alive, this_process

SAY = (
    "import sys; from fsamt_engine.library.processes import this_process\n"
    "print(this_process(), flush=True); sys.stdin.read()\n"
)


def test_process_lives_until_it_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        token = process.stdout.readline().strip()
        assert is_alive(token)
        process.kill()
        if hasattr(os, "waitid"):
            # Dead, but not yet collected by its parent.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            assert not is_alive(token)
    assert not is_alive(token)


def test_this_process_lives() -> None:
    assert is_alive(this_process())
    assert this_process() == this_process()


def test_another_process_of_the_same_number_is_not_the_same() -> None:
    pid, started, boot, namespace = this_process().split("-")
    assert not is_alive(f"{pid}-{started}1-{boot}-{namespace}")
    assert not is_alive(f"{pid}-{started}-otherboot-{namespace}")


def test_process_in_a_container_that_cannot_be_seen_counts_as_alive() -> None:
    _, started, boot, _ = this_process().split("-")
    assert is_alive(f"999999999-{started}-{boot}-1")


@pytest.mark.parametrize("token", ["", "1", "a-b-c-d", "--", "1-2-3-4-5"])
def test_token_that_makes_no_sense_belongs_to_nobody(token: str) -> None:
    assert not is_alive(token)
