"""Records into new libraries and is killed on the way, each time at another moment.

    python -m tests.fsamt_engine.capture.killed FOLDER MOMENT...

The library of a moment has its name. A process is forked for each, so that what is needed is
imported once.
"""

import os
import signal
import sys
from pathlib import Path

from fsamt_engine.capture import finishing, part
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.recorder import Recorder, RecordingOrder
from fsamt_engine.library import Library, incoming
from tests.fsamt_engine.capture.puppet import BOTH, Puppet, wait_until


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def record(root: Path, moment: str) -> None:
    puppet = Puppet()
    library = Library.open(root)
    feed = CameraFeed("puppet", BOTH, puppet.open)
    feed.wait_until_open()
    if moment == "before the first file":
        part.TakeWriter = die  # type: ignore[assignment, misc]
    recorder = Recorder(library, [feed], RecordingOrder("visit", "P1", "wave"))
    recorder.start()
    if moment == "before the first frame":
        die()
    puppet.give(30)
    wait_until(lambda: recorder.status().n_frames == 60)
    recorder.mark("a mark")
    puppet.give(30)
    wait_until(lambda: recorder.status().n_frames == 120)
    match moment:
        case "while it records":
            die()
        case "before the take is added":
            finishing.add_take = die  # type: ignore[assignment]
        case "before it is in its place":
            incoming._claim = die  # type: ignore[assignment]
        case "before it is in the database":
            incoming._insert = die  # type: ignore[assignment]
        case "after it is in the database":
            incoming.release = die  # type: ignore[assignment]
        case "before its journal is removed":
            finishing.drop_recording_files = die  # type: ignore[assignment]
    recorder.stop()


def main() -> None:
    folder, moments = Path(sys.argv[1]), sys.argv[2:]
    for moment in moments:
        Library.create(folder / moment).close()
    children = {}
    for moment in moments:
        child = os.fork()
        if not child:
            record(folder / moment, moment)
            os._exit(0)
        children[child] = moment
    for child, moment in children.items():
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), moment
        assert os.WTERMSIG(status) == signal.SIGKILL, moment


if __name__ == "__main__":
    main()
