"""Find when actions start and end in depth alone, with the graphs beside this file.

  pip install onnxruntime numpy pyrealsense2
  python detect.py recording.db3       a recording of the RealSense SDK (.db3 or .bag), as a whole
  python detect.py frames.npz          depth (N, H, W) uint16; if known at_us (N,), unit_m (metres a
                                       step, else 0.001) and intrinsics (fx, fy, cx, cy)
  python detect.py frames.npz --stream the same, but told while frames come
  python detect.py                     the first RealSense camera that is plugged in
A recording that is searched gives a table (CSV): action, start_s, end_s, start_frame, end_frame and
score, the earliest first; with --form pku-mmd lines `label,start,end,confidence` in frames, labels
numbered as in detector.json. --threshold says from which score on (0.01 for all that was found).
--stream gives each detection as a line of JSON once it changes no more, with the time when it was
known. Seconds count from the first frame, frames at the pace of the model (rate_hz), end not
included. Only depth is opened; standard error says so, as the camera itself tells it.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort

LEARNED_FROM = 24
FRAMES_AT_ONCE, CLIPS_AT_ONCE, MOMENTS_AT_ONCE = 16, 8, 512
Main = tuple[Any, int]  # a frame (H, W) uint16, and how often it counts: more than once after a gap


class Found(NamedTuple):
    """Intervals that may be actions: spans (N, 2) in frames, scores (N,), actions (N,)."""

    spans: Any
    scores: Any
    actions: Any

    def at(self, chosen: Any) -> "Found":
        """Some of them."""
        return Found(*(part[chosen] for part in self))

    def rounded(self) -> "Found":
        """So that the last bits of a sum decide nothing."""
        return Found(self.spans.round(2), self.scores.round(6), self.actions)


def joined(parts: Iterable[Found]) -> Found:
    """All of them."""
    none = Found(np.zeros((0, 2)), np.zeros(0), np.zeros(0, int))
    return Found(*(np.concatenate(part) for part in zip(none, *parts, strict=True)))


def iou(span: Any, others: Any) -> Any:
    """Temporal overlap of an interval (2,), or of intervals (N, 1, 2), with others (M, 2)."""
    shared = np.minimum(span[..., 1], others[:, 1]) - np.maximum(span[..., 0], others[:, 0])
    shared = shared.clip(0)
    total = (span[..., 1] - span[..., 0]) + (others[:, 1] - others[:, 0]) - shared
    return np.divide(shared, total, out=np.zeros_like(shared), where=total > 0)


def suppressed(spans: Any, scores: Any, overlap: float, is_soft: bool, least: float) -> Any:
    """Places of the intervals that stay, the best first, and their scores: (soft) NMS."""
    order = np.lexsort((spans[:, 1], spans[:, 0]))
    spans, left = spans[order], scores[order].astype(float)
    kept, final = [], []
    while len(left) and left[best := int(left.argmax())] >= least:
        kept.append(order[best])
        final.append(left[best])
        shared = iou(spans[best], spans)
        if is_soft:
            left = left * np.exp(-(shared**2) / overlap)
        else:
            left[shared > overlap] = -1.0
        left[best] = -1.0
    return np.array(kept, int), np.array(final)


def suppress(
    found: Found, overlap: float, least_score: float, is_soft: bool = False, most: int = 0
) -> Found:
    """Without those that tell of the same action again; the best first."""
    parts = []
    for action in np.unique(found.actions):
        own = found.at((found.actions == action) & (found.scores >= least_score))
        places, scores = suppressed(own.spans, own.scores, overlap, is_soft, least_score)
        own = Found(own.spans[places], scores, own.actions[places])
        parts.append(own.at(slice(most or None)))
    kept = joined(parts)
    return kept.at(np.lexsort((*kept.spans.T[::-1], kept.actions, -kept.scores)))


def windows_over(n: int, length: int, overlap: int) -> list[tuple[int, Any, Any]]:
    """Starts of windows that cover n, where the one before ends, where the next one starts."""
    hop = max(1, length - min(overlap, 3 * length // 4))
    starts = [*range(0, max(1, n - length), hop)]
    if starts[-1] + length < n:
        starts.append(n - length)
    before = [None, *(start + length for start in starts[:-1])]
    return list(zip(starts, before, [*starts[1:], None], strict=True))


def whole_ones(found: Found, window: Any, edge: float) -> Found:
    """Without those at the edges of a window that a neighbouring window sees whole."""
    (start, end, before, after), (starts, ends) = window, found.spans.T
    is_left = np.zeros(len(starts), bool)
    if after is not None:
        is_left |= (ends > end - edge) & (starts >= after + edge)
    if before is not None:
        is_left |= (starts < start + edge) & (ends <= before - edge)
    return found.at(~is_left)


class Teller:
    """Tells each detection once, when as many frames have come after its end as it settles in."""

    def __init__(self, threshold: float, settle: int) -> None:
        self.threshold, self.settle = threshold, settle
        self.told, self.looked = joined(()), -np.inf

    def look(self, found: Found, n_frames: int) -> Found:
        """What is to be told after so many frames."""
        best = suppress(found, 0.3, self.threshold)
        spans, known = best.spans[:, None], self.told.spans
        shared = np.minimum(spans[..., 1], known[:, 1]) - np.maximum(spans[..., 0], known[:, 0])
        is_same = shared > (spans[..., 1] - spans[..., 0]) / 2
        is_same |= iou(spans, known) > 0.3
        is_same &= best.actions[:, None] == self.told.actions
        is_final = best.spans[:, 1] <= n_frames - self.settle
        is_late = best.spans[:, 1] <= self.looked - 2 * self.settle
        told = best.at(is_final & ~is_late & ~is_same.any(1))
        told = told.at(np.lexsort(told.spans.T[::-1]))
        self.told, self.looked = joined([self.told, told]).at(slice(-256, None)), n_frames
        return told


class Model:
    """The graphs of a folder, and what detector.json says of them."""

    def __init__(self, folder: Path, n_threads: int = 0) -> None:
        self.about = json.loads((folder / "detector.json").read_text(encoding="utf-8"))
        self.actions, clip = self.about["actions"], self.about["clip"]
        self.n, self.step = clip["n_frames"], clip["step"]
        self.span = (self.n - 1) * self.step + 1
        self._folder, self._n_threads = folder, n_threads
        self._sessions: dict[str, Any] = {}

    def run(self, name: str, **given: Any) -> dict[str, Any]:
        """What a graph answers, by name."""
        if name not in self._sessions:
            options = ort.SessionOptions()
            options.log_severity_level, options.intra_op_num_threads = 3, self._n_threads
            path, on = str(self._folder / f"{name}.onnx"), ["CPUExecutionProvider"]
            self._sessions[name] = ort.InferenceSession(path, options, providers=on)
        session = self._sessions[name]
        names = [one.name for one in session.get_outputs()]
        return dict(zip(names, session.run(None, given), strict=True))

    def search(
        self, frames: Callable[[], Iterable[Main]], n_main: int, unit_m: float, lens: Any
    ) -> Found:
        """All that a whole take shows, the best first; its frames are gone through twice."""
        places = np.linspace(0, max(0, n_main - 1), min(n_main, LEARNED_FROM)).astype(int)
        eyes = Eyes(self, unit_m, lens)
        eyes.push(at_places(frames(), places), learns=True)
        parts = []
        search = self._anchor_free if self.about["head"] == "anchor-free" else self._r_c3d
        for part in search(eyes.seen(frames()), n_main):
            spans = part.spans.clip(0, n_main)
            parts.append(part._replace(spans=spans).at(spans[:, 0] < spans[:, 1]).rounded())
        return suppress(joined(parts), **self.about["search"]).rounded()

    def _clips(self, pictures: Iterator[Any], starts: Any, n_main: int) -> Iterator[Any]:
        """Clips (B, T, S, S) that begin there; beyond the take its first and last frame repeat."""
        kept, first = next(pictures), 0
        batch = []
        for start in starts:
            places = (start + self.step * np.arange(self.n)).clip(0, n_main - 1)
            while first + len(kept) <= places[-1]:
                away = min(len(kept), max(0, places[0] - first))
                kept, first = np.concatenate([kept[away:], next(pictures)]), first + away
            batch.append(kept[places - first])
            if len(batch) == CLIPS_AT_ONCE:
                yield np.stack(batch).astype("f4")
                batch = []
        if batch:
            yield np.stack(batch).astype("f4")

    def _anchor_free(self, pictures: Iterator[Any], n_main: int) -> Iterator[Found]:
        every, first = self.about["every"], self.about["first"]
        n = max(1, -(-(n_main - first) // every))
        middles = np.minimum(first + every * np.arange(n), n_main - 1)
        clips = self._clips(pictures, middles - self.span // 2, n_main)
        rows = np.concatenate([self.run("embed", clips=one)["embeddings"] for one in clips])

        def frame(place: Any) -> Any:
            return first + 0.5 + every * place

        memory = self.about["memory"]
        length = max(MOMENTS_AT_ONCE, 2 * memory)
        for start, before, after in windows_over(n, length, memory):
            found = self.said(rows[start : start + length])
            found = found._replace(spans=frame(found.spans + start))
            edges = (start, start + length, before, after)
            whole = (None if one is None else round(float(frame(one))) for one in edges)
            yield whole_ones(found, whole, 2.0 * every)

    def said(self, rows: Any) -> Found:
        """What moments with these embeddings show, in their places."""
        about, out = self.about, self.run("head", embeddings=np.ascontiguousarray(rows))
        n, likely, least = len(rows), out["likely"].astype(float), about["least"]
        strides = [2**level for level in range(about["n_levels"])]
        places = [np.arange(-(-n // stride)) * stride + (stride - 1) / 2 for stride in strides]
        at, by = np.concatenate(places), out["distances"].astype(float)
        chosen = np.flatnonzero(likely >= least)
        spans = np.stack([at - by[0], at + by[1]], 1)[chosen]
        logits = out["logits"][:, : len(self.actions)].astype(float)
        sums = np.concatenate([np.zeros((1, logits.shape[1])), logits.cumsum(0)])
        middles, halves = spans.mean(1), about["class_share"] / 2 * (spans[:, 1] - spans[:, 0])
        begin = np.ceil(middles - halves).clip(0, n - 1).astype(int)
        end = np.maximum(begin, np.floor(middles + halves).clip(0, n - 1).astype(int)) + 1
        means = (sums[end] - sums[begin]) / (end - begin)[:, None] / about["doubt"]
        scores = likely[chosen, None] * softmax(means)
        best = np.argsort(-scores, axis=1, kind="stable")[:, : about["n_names"]]
        whose, which = np.nonzero(np.take_along_axis(scores, best, 1) >= least)
        return Found(spans[whose], scores[whose, best[whose, which]], best[whose, which])

    def _r_c3d(self, pictures: Iterator[Any], n_main: int) -> Iterator[Found]:
        edge, length = self.about["every"], self.n * self.step
        windows = windows_over(n_main, length, round(self.about["longest"]) + 2 * edge)
        looked = iter(windows)
        for clips in self._clips(pictures, [start for start, _, _ in windows], n_main):
            for found in self.shown(clips):
                start, before, after = next(looked)
                found = found._replace(spans=found.spans * self.step + start)
                yield whole_ones(found, (start, start + length, before, after), edge)

    def shown(self, clips: Any) -> Iterator[Found]:
        """What windows (B, T, S, S) show, in steps."""
        out = self.run("features", clips=clips)
        lengths, stride = np.array(self.about["lengths"], "f4"), self.about["stride"]
        centres = (stride * np.arange(out["features"].shape[2], dtype="f4"))[:, None]
        anchors = np.stack([centres - lengths / 2, centres + lengths / 2], -1).reshape(-1, 2)
        for features, scores, by in zip(*out.values(), strict=True):
            top = np.argsort(-scores, kind="stable")[:200]
            spans = moved(anchors[top], by[top]).clip(0, self.n)
            is_long = spans[:, 1] - spans[:, 0] > 1.0
            spans, likely = spans[is_long], 1 / (1 + np.exp(-scores[top][is_long]))
            exact = spans.astype(float).round(3), likely.astype(float).round(6)
            stay, _ = suppressed(*exact, self.about["proposal_overlap"], False, 0.0)
            spans, likely = (one[stay[: self.about["n_proposals"]]] for one in (spans, likely))
            cells = spans / np.float32(stride) + np.float32(0.5)
            halves = (cells[:, 1:] - cells[:, :1]) / 2
            around = np.concatenate([cells[:, :1] - halves, cells[:, 1:] + halves], 1)
            parts = pooled(features, around, self.about["n_parts"])
            told = self.run("regions", whole=pooled(features, cells, 1), parts=parts)
            sure = softmax(told["logits"])[:, :-1] * likely[:, None]
            ends = moved(
                spans[:, None], told["offsets"] * np.array(self.about["region_scale"], "f4")
            )
            chosen, ends = np.nonzero(sure >= 1e-3), ends.clip(0, self.n)
            yield Found(ends[chosen].astype(float), sure[chosen].astype(float), chosen[1])


class Eyes:
    """Prepares the frames of one camera or take."""

    def __init__(self, model: Model, unit_m: float, lens: Any) -> None:
        self._model = model
        self._given = {"unit_m": np.array(unit_m, "f4"), "intrinsics": np.array(lens, "f4")}
        self._state: dict[str, Any] = {}

    def push(self, frames: Sequence[Any], learns: bool = False) -> Any:
        """The frames as the network sees them; or only the still background learned from them."""
        given = {"depth": np.stack(frames), "learns": np.array(learns)}
        out = self._model.run("prepare", **given, **self._given, **self._state)
        self._state = {name: out[f"next_{name}"] for name in ("samples", "numbers")}
        return out["prepared"]

    def seen(self, frames: Iterable[Main]) -> Iterator[Any]:
        """Some at a time; those that count more than once are repeated."""
        left = iter(frames)
        while part := list(islice(left, FRAMES_AT_ONCE)):
            pictures, times = zip(*part, strict=True)
            yield np.repeat(self.push(pictures), times, axis=0)


class Watch:
    """Watches frames as they come: nothing of the future is known."""

    def __init__(self, model: Model, unit_m: float, lens: Any, threshold: float) -> None:
        self._model, self._eyes = model, Eyes(model, unit_m, lens)
        self._every, settle = model.about["every"], model.about["settle"]
        self._teller = Teller(threshold, settle)
        self._pictures: list[Any] = []
        self._rows: Any = None
        self.n, self._newest, self._looked = 0, 0.0, 0  # frames so far, the newest moment, looks

    def push(self, frame: Any, times: int = 1) -> Found:
        """What is to be told after this frame."""
        self._pictures += [self._eyes.push([frame])[0]] * times
        self._pictures = self._pictures[-self._model.span :]
        self.n += times
        if self.n // self._every == self._looked:
            return joined(())
        self._looked = self.n // self._every
        look = self._anchor_free if self._model.about["head"] == "anchor-free" else self._r_c3d
        return self._teller.look(look().rounded(), self.n)

    def _clip(self, indices: Any) -> Any:
        there = np.minimum(self._model.step * indices, len(self._pictures) - 1)
        return np.stack(self._pictures)[there][None].astype("f4")

    def _anchor_free(self) -> Found:
        model, about = self._model, self._model.about
        n_seen = min(model.n, -(-self.n // model.step))
        # What was not seen yet lies before the first frame, not after it.
        row = self._clip(np.maximum(np.arange(model.n) - (model.n - n_seen), 0))
        row = model.run("embed", clips=row)["embeddings"]
        middle, times = self.n - about["behind"] + 0.5, 1
        if self._rows is not None:
            times = max(1, round((middle - self._newest) / self._every))
        if self._rows is None or times > about["memory"]:
            self._rows, times = row[:0], 1
        rows = np.concatenate([self._rows, np.repeat(row, times, axis=0)])[-about["memory"] :]
        self._rows, self._newest = rows, middle
        if middle < 0:
            self._rows = None
            return joined(())
        found = model.said(rows)
        oldest = middle - (len(rows) - 1) * self._every
        spans = (oldest + self._every * found.spans).clip(0.0, float(self.n))
        return found._replace(spans=spans).at(spans[:, 0] < spans[:, 1])

    def _r_c3d(self) -> Found:
        found = next(self._model.shown(self._clip(np.arange(self._model.n))))
        start = max(0, self.n - self._model.span)
        spans = (found.spans * self._model.step + start).clip(0, self.n)
        is_whole = (spans[:, 0] >= start + self._every) | (start == 0)
        return found._replace(spans=spans).at(is_whole & (spans[:, 1] > spans[:, 0]))


def at_places(frames: Iterable[Main], places: Any) -> list[Any]:
    """Frames of a take by their numbers."""
    wanted = set(places.tolist())
    counted = enumerate(frame for frame, times in frames for _ in range(times))
    return [np.array(frame) for number, frame in counted if number in wanted]


def softmax(logits: Any) -> Any:
    """Over the last axis."""
    exps = np.exp(logits - logits.max(axis=-1, keepdims=True, initial=-np.inf))
    return exps / exps.sum(axis=-1, keepdims=True)


def moved(spans: Any, by: Any) -> Any:
    """Where spans really lie: by shares of their length, and grown by exp of the second number."""
    lengths = spans[..., 1] - spans[..., 0]
    centres = spans.sum(-1) / 2 + by[..., 0] * lengths
    halves = lengths * np.exp(by[..., 1].clip(max=np.float32(np.log(4.0)))) / 2
    return np.stack([centres - halves, centres + halves], -1)


def pooled(features: Any, regions: Any, n_parts: int) -> Any:
    """Means of features (D, T) over the parts of regions (R, 2) in cells: (R, D * n_parts)."""
    shares = np.linspace(0, 1, n_parts + 1, dtype="f4")
    edges = regions[:, :1] + (regions[:, 1:] - regions[:, :1]) * shares
    cells = np.arange(features.shape[1], dtype="f4")
    starts = np.maximum(edges[:, :-1, None], cells)
    covered = (np.minimum(edges[:, 1:, None], cells + 1) - starts).clip(0)
    weights = covered / covered.sum(-1, keepdims=True).clip(1e-6)
    return np.einsum("rpt,dt->rdp", weights, features).reshape(len(regions), -1).astype("f4")


@cache
def say_once(*opened: str) -> None:
    """Say what is open; a recording is gone through several times."""
    print("Open:", *opened, file=sys.stderr)


def frames_of(path: str, rate_hz: float) -> Iterator[tuple[int, Any, float, Any]]:
    """(at_us, frame, unit_m, intrinsics) of a file or of a camera, whose depth alone is opened."""
    if path.endswith(".npz"):
        given = np.load(path, allow_pickle=False)
        about = float(given.get("unit_m", 0.001)), given.get("intrinsics", np.zeros(4))
        depth = given["depth"]
        say_once("depth, of", path)
        times = given.get("at_us", np.arange(len(depth)) * 1e6 / rate_hz)
        for at, frame in zip(times, depth, strict=True):
            yield int(at), frame, *about
        return
    import pyrealsense2 as rs

    pipeline, config = rs.pipeline(), rs.config()
    config.enable_stream(rs.stream.depth)
    if path:
        config.enable_device_from_file(path, repeat_playback=False)
        found = config.resolve(rs.pipeline_wrapper(pipeline)).get_device()
        found.as_playback().set_real_time(False)  # every frame, however long an answer takes
    try:
        profile = pipeline.start(config)
    except RuntimeError as error:
        sys.exit(f"No depth can be opened ({error}); --help says what can be watched.")
    active = [p for s in profile.get_device().query_sensors() for p in s.get_active_streams()]
    say_once(*(f"{p.stream_name()}, {p.fps()} Hz" for p in active))
    lens = profile.get_stream(rs.stream.depth).as_video_stream_profile().get_intrinsics()
    while True:
        has_come, frames = pipeline.try_wait_for_frames(500 if path else 5000)
        if has_come:
            frame = frames.get_depth_frame()
            about = frame.get_units(), (lens.fx, lens.fy, lens.ppx, lens.ppy)
            yield round(frame.get_timestamp() * 1000), np.array(frame.get_data()), *about
        elif not path:
            sys.exit("The camera gives no depth any more.")
        elif found.as_playback().current_status() == rs.playback_status.stopped:
            pipeline.stop()
            return


def paced(path: str, rate_hz: float) -> Iterator[tuple[int, Any, int, float, Any]]:
    """(at_us, frame, times, unit_m, intrinsics) at the pace of the model."""
    last_us = None
    for at_us, frame, unit_m, lens in frames_of(path, rate_hz):
        passed = 1.0 if last_us is None else (at_us - last_us) * rate_hz / 1e6
        if 0 <= passed < 0.75:
            continue  # the camera is quicker than the model
        last_us = at_us
        yield at_us, frame, max(1, round(passed)), unit_m, lens


def told_in_full(model: Model, path: str, threshold: float, form: str) -> None:
    """Search a recording whole, and print what was found."""
    rate_hz = model.about["rate_hz"]
    known = [(at, min(n, model.span), *about) for at, _, n, *about in paced(path, rate_hz)]
    if not known:
        sys.exit("There is no depth frame in it; --help says what can be searched.")
    at_us, times, units, lenses = zip(*known, strict=True)
    n_main = sum(times)

    def frames() -> Iterator[Main]:
        return ((one[1], min(one[2], model.span)) for one in paced(path, rate_hz))

    found = model.search(frames, n_main, units[0], lenses[0])
    found = found.at(found.scores >= threshold)
    found = found.at(np.lexsort(found.spans.T[::-1]))
    places = [*(np.cumsum(times) - 1), n_main]
    times_s = (np.array([*at_us, at_us[-1] + 1e6 / rate_hz]) - at_us[0]) / 1e6
    if form == "csv":
        print("action,start_s,end_s,start_frame,end_frame,score")
    for (start, end), score, action in zip(*(part.tolist() for part in found), strict=True):
        if form == "csv":
            name = '"' + model.actions[action].replace('"', '""') + '"'
            seconds = (f"{one:.3f}" for one in np.interp([start, end], places, times_s))
            print(name, *seconds, start, end, score, sep=",")
        else:
            whole = round(start), max(round(end), round(start) + 1)
            print(model.about["labels"][action], *whole, score, sep=",")


def told_live(model: Model, path: str, threshold: float) -> None:
    """Tell each detection as a line of JSON, while frames come."""
    rate_hz, watch, began = model.about["rate_hz"], None, None
    for at_us, frame, times, unit_m, lens in paced(path, rate_hz):
        began = at_us if began is None else began
        if watch is None or times > model.span:  # after a long gap all begins anew
            watch, times = Watch(model, unit_m, lens, threshold), 1
        found = watch.push(frame, times)
        for (start, end), score, action in zip(*(part.tolist() for part in found), strict=True):
            now_s = (at_us - began) / 1e6
            ago = ((watch.n - 1 - one) / rate_hz for one in (start, end))
            said = {"action": model.actions[action], "score": score}
            said |= zip(("start_s", "end_s"), (round(now_s - one, 3) for one in ago), strict=True)
            print(json.dumps(said | {"known_s": round(now_s, 3), "known_at_us": at_us}), flush=True)


def main() -> None:
    """Search a file, or tell what a camera sees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawTextHelpFormatter
    parser.add_argument("source", nargs="?", default="", help="a file; left out: a camera")
    parser.add_argument("--model", default=str(Path(__file__).parent), help="another folder")
    parser.add_argument("--stream", action="store_true", help="tell while frames come")
    parser.add_argument("--threshold", type=float, help="the least score; left out: the model's")
    parser.add_argument("--form", choices=("csv", "pku-mmd"), default="csv")
    options = parser.parse_args()
    model = Model(Path(options.model))
    threshold = model.about["threshold"] if options.threshold is None else options.threshold
    if options.stream or not options.source:
        return told_live(model, options.source, threshold)
    return told_in_full(model, options.source, threshold, options.form)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, Exception) as end:  # noqa: BLE001 - whoever runs it reads a sentence
        sys.exit(f"{type(end).__name__}: {end}; see --help." if isinstance(end, Exception) else 0)
