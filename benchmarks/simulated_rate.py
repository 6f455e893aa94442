"""How many frames a second does the simulated camera give on one core, with and without colour?

    python benchmarks/simulated_rate.py

The aim is 30 pairs at 424x240, and at 848x480 30 frames of depth alone in a fifth of a core. The
live stream, all actions in turn; seconds are those of the processor and those of the clock, which
differ where other programs run.
"""

import os
import time
from itertools import islice

import cv2

from fsamt_engine.capture.simulated import ACTIONS, SceneSettings, SimulatedScene

SIZES = ((212, 160), (240, 180), (424, 240), (848, 480))
N_PARTICIPANTS, N_PAIRS = 4, 120


def measure(width: int, height: int, with_colour: bool) -> tuple[float, float, float]:
    """Frames of depth a second of processor time and of the clock; milliseconds to furnish."""
    processor_s = clock_s = furnish_s = 0.0
    for participant in range(N_PARTICIPANTS):
        started_at = time.process_time()
        scene = SimulatedScene(
            SceneSettings(0, participant, 0, width, height, with_colour=with_colour)
        )
        furnish_s += time.process_time() - started_at
        actions = ACTIONS[participant:] + ACTIONS[:participant]
        stream = scene.live(action for _ in range(9) for action in actions)
        next(stream)
        started_at, clock_started_at = time.process_time(), time.perf_counter()
        for _ in islice(stream, N_PAIRS):
            pass
        processor_s += time.process_time() - started_at
        clock_s += time.perf_counter() - clock_started_at
    n_pairs = N_PARTICIPANTS * N_PAIRS
    return n_pairs / processor_s, n_pairs / clock_s, 1000 * furnish_s / N_PARTICIPANTS


def main() -> None:
    cv2.setNumThreads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for width, height in SIZES:
        for with_colour, what in ((True, "pairs"), (False, "frames of depth alone")):
            processor, clock, furnish_ms = measure(width, height, with_colour)
            print(
                f"{width}x{height}: {processor:.0f} {what} a second of processor time,"
                f" {clock:.0f} by the clock; a scene takes {furnish_ms:.0f} ms to furnish"
            )


if __name__ == "__main__":
    main()
