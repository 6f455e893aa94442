"""An import loop as a program: python importing.py LIBRARY N_TAKES [kill points by fork]."""

import os
import random
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import numpy as np

import fsamt_engine.library
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.takes import (
    StreamDraft,
    TakeDraft,
    add_take,
    has_source_key,
    staging_folder,
    sweep_orphans,
)
from fsamt_engine.library.verify import verify

_ROOM = str(Path(fsamt_engine.library.__file__).parent)


def import_all(root: Path, n_takes: int, at_most: int | None = None) -> None:
    """As every import goes: sweep, then add what is not there yet (`at_most` so many)."""
    n_added = 0
    with Library.open(root) as library:
        sweep_orphans(library)
        for number in range(n_takes):
            key = f"loop/{number}"
            if has_source_key(library, key):
                continue
            try:
                with staging_folder(library) as staging:
                    path = staging / "depth.mkv"
                    path.write_bytes(key.encode() * 5000)
                    times = np.arange(20) * 33_333
                    stream = StreamDraft(StreamKind.DEPTH, path, 64, 48, 20, 30.0, "ffv1", times)
                    draft = TakeDraft(
                        "loop", "P1", "loop", key, 0, [stream], segments=[("a", 0, 9)]
                    )
                    add_take(library, staging, draft)
            except FsamtError:
                if at_most is not None:
                    raise
                continue  # another process came first
            n_added += 1
            if n_added == at_most:
                return


class KillAtLine:
    """Counts the lines of the library's code in every thread, and dies at the chosen one."""

    def __init__(self, line: int) -> None:
        self._left = line

    def __call__(self, frame: FrameType, event: str, argument: object) -> "KillAtLine | None":
        if not frame.f_code.co_filename.startswith(_ROOM):
            return None
        if event == "line":
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self

    def arm(self) -> None:
        threading.settrace(self)
        sys.settrace(self)


def killed_attempt(root: Path, n_takes: int, draw: random.Random) -> bool:
    """Import at most two takes in a forked process that is killed somewhere; whether it was."""
    line, microseconds = draw.randint(1, 900), draw.randint(1, 25_000)
    by_line = draw.random() < 0.7
    child = os.fork()
    if child == 0:
        if by_line:
            KillAtLine(line).arm()
        else:
            # The default action of this signal ends a process as SIGKILL does, within C code too.
            signal.setitimer(signal.ITIMER_REAL, microseconds / 1e6)
        import_all(root, n_takes, at_most=2)
        os._exit(0)
    was_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with Library.open(root) as library:
        if not verify(library).is_sound:
            raise AssertionError(f"unsound after {line=} {microseconds=} {by_line=}")
    return was_killed


if __name__ == "__main__":
    folder, wanted = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        randomness = random.Random(0)
        print(sum(killed_attempt(folder, wanted, randomness) for _ in range(int(sys.argv[3]))))
    else:
        import_all(folder, wanted)
