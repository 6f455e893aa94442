"""How much of its accuracy does a recogniser keep when it watches live?

    python benchmarks/live_accuracy.py --library DIR --model MODEL --participants A,B [--people 8]

Two questions, of a recogniser of simulated actions (such as one of `fsamt demo`):

    takes    the last answer on labelled takes of these participants, the background learned
             from frames of the take, as training and Live do, and cold, as a camera starts
    stream   simulated people whom no library holds perform its actions one after the other:
             which performances are found, and how many events are false alarms, by threshold

A performance is found when an event of its action overlaps it, up to 1.5 s late: a clip looks back.
The network is asked at every third frame of the stream. Nothing is written to the library but its
cache.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.simulated import BACKGROUND, SceneSettings, SimulatedScene
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.portable import prepared_network
from fsamt_engine.learning.store import LoadedModel, load_model
from fsamt_engine.library import Intrinsics, Library, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model as find
from fsamt_engine.library.takes import take
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities.depth import warm_up_indices
from fsamt_engine.recognition.interpreter import Interpreter
from fsamt_engine.recognition.pipeline import ClipPipeline, Look
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.state import Answer, LiveEvent, Timings

RATE_HZ = 30.0
ASKED_EVERY = 3
LATE_FRAMES = 45
FIRST_PERSON = 101
ON = (0.3, 0.4, 0.5, 0.6)

Frames = NDArray[np.uint16]


@dataclass(frozen=True)
class Performance:
    """An action in a stream, in frames, `end` not included."""

    action: str
    start: int
    end: int


class Watcher:
    """A recogniser that is given frames one by one."""

    def __init__(self, loaded: LoadedModel) -> None:
        self.actions = loaded.record.actions
        self.loaded = loaded
        self._network = prepared_network(loaded)

    @torch.no_grad()
    def answers(
        self,
        frames: Sequence[Frames],
        unit_m: float,
        camera: Intrinsics | None,
        warm_up: Sequence[Frames] = (),
        every: int = 1,
    ) -> Iterator[Answer]:
        """An answer for each frame; between the frames that are asked, the one before holds."""
        shape, preparation = self.loaded.shape, self.loaded.preparation.depth
        look = Look(preparation, shape, RATE_HZ)
        pipeline = ClipPipeline(look, unit_m, camera, warm_up=warm_up)
        said: tuple[float, ...] = ()
        for number, pixels in enumerate(frames):
            at_us = round(number * 1e6 / RATE_HZ)
            frame = Frame(StreamKind.DEPTH, pixels, at_us, "device", number, at_us)
            clip = pipeline.push(frame)
            assert clip is not None
            if number % every == 0 or number == len(frames) - 1:
                given = torch.from_numpy(clip.pixels)[None].float()
                said = tuple(self._network(given)[0].tolist())
            yield Answer(
                number,
                at_us,
                "device",
                at_us,
                number,
                clip.status,
                clip.share,
                said,
                said,
                clip.view,
                Timings(0, 0, 0),
            )


def of_takes(library: Library, watcher: Watcher, participants: Sequence[str]) -> None:
    """Print how many last answers on takes are right."""
    right = {"learned before": 0, "cold": 0}
    labelled = segments(library, actions=watcher.actions, participants=participants)
    for segment in labelled:
        found = take(library, segment.take_id)
        stream = found.stream(StreamKind.DEPTH)
        assert stream is not None
        with closing(DepthReader(library.absolute(stream.path), stream.n_frames)) as reader:
            frames = list(reader.read(0, segment.end))
        known = [frames[place] for place in warm_up_indices(len(frames))]
        for how, warm_up in (("learned before", known), ("cold", [])):
            answers = watcher.answers(
                frames, stream.unit_m or 0.0, found.calibration.depth, warm_up, len(frames)
            )
            *_, last = answers
            best = int(np.argmax(last.probabilities))
            right[how] += watcher.actions[best] == segment.action
    for how, n_right in right.items():
        share = n_right / max(1, len(labelled))
        print(f"takes, background {how}: {n_right} of {len(labelled)} ({100 * share:.1f} %)")


def of_streams(watcher: Watcher, n_people: int) -> None:
    """Print what is found in streams of people who perform one action after the other."""
    streams = [_stream(watcher, FIRST_PERSON + number) for number in range(n_people)]
    minutes = sum(len(answers) for answers, _ in streams) / RATE_HZ / 60
    print(f"streams: {n_people} people, {minutes:.1f} minutes")
    for on in ON:
        settings = RecognitionSettings(threshold=Threshold(on, on * 2 / 3))
        n_found = n_false = n = 0
        for answers, performed in streams:
            found = _found(_events(watcher, answers, settings), performed)
            n_found += len(set(found) - {None})
            n_false += found.count(None)
            n += len(performed)
        rate = n_false / minutes
        print(f"  begins at {on:.1f}: {n_found} of {n} found, {rate:.1f} false alarms a minute")


def _stream(watcher: Watcher, person: int) -> tuple[list[Answer], list[Performance]]:
    settings = SceneSettings(
        participant=person, session=5, width=320, height=180, with_colour=False
    )
    scene = SimulatedScene(settings)
    known = [action for action in watcher.actions if action != BACKGROUND]
    order = np.random.default_rng(person).permutation(known).tolist()
    pairs = list(scene.live(order))
    answers = watcher.answers(
        [pair.depth for pair in pairs],
        settings.unit_m,
        scene.calibration.depth,
        every=ASKED_EVERY,
    )
    performed, start = [], 0
    for action, of_it in groupby(pair.action for pair in pairs):
        end = start + len(list(of_it))
        if action != BACKGROUND:
            performed.append(Performance(action, start, end))
        start = end
    return list(answers), performed


def _events(
    watcher: Watcher, answers: Sequence[Answer], settings: RecognitionSettings
) -> list[LiveEvent]:
    interpreter = Interpreter(watcher.actions, watcher.loaded.shape, settings)
    told = [event for answer in answers for event in interpreter.push(answer).events]
    return list({event.number: event for event in (*told, *interpreter.end())}.values())


def _found(
    events: Sequence[LiveEvent], performed: Sequence[Performance]
) -> list[Performance | None]:
    """The performance that each event tells, None for a false alarm."""
    return [
        next(
            (
                one
                for one in performed
                if one.action == event.action
                and (event.onset_frame or 0) - LATE_FRAMES < one.end
                and (event.offset_frame or 0) > one.start
            ),
            None,
        )
        for event in events
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--participants", required=True, help="whom no training has seen: A,B")
    parser.add_argument("--people", type=int, default=8, help="in the streams")
    options = parser.parse_args()
    with Library.open(options.library) as library:
        loaded = load_model(library, find(library, options.model), choose_device("cpu"))
        watcher = Watcher(loaded)
        of_takes(library, watcher, options.participants.split(","))
    of_streams(watcher, options.people)


if __name__ == "__main__":
    main()
