"""Untrimmed takes with exact boundaries, made by joining real takes of one participant.

For trying out what looks for actions in long takes where no such takes were labelled. Each piece
shows its source frame by frame, and what lies between pieces is made of real frames too; see
`composing_rests`. A composed take is marked by its source, and knows what it is joined of.
"""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from fsamt_engine.capture.pairing import nominal_timestamps
from fsamt_engine.datasets.composing_estimate import estimate_composition
from fsamt_engine.datasets.composing_files import SourceFiles
from fsamt_engine.datasets.composing_frames import Joined
from fsamt_engine.datasets.composing_plan import (
    CompositionPlan,
    CompositionSettings,
    PlannedTake,
    plan_composition,
)
from fsamt_engine.datasets.reader import BrokenFileError, FrameSource
from fsamt_engine.datasets.staging import stage_frames
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.drafts import StreamDraft, TakeDraft
from fsamt_engine.library.incoming import add_take, staging_folder, sweep_orphans
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import COMPOSED, StreamKind
from fsamt_engine.library.takes import has_source_key
from fsamt_engine.media import write_skeleton
from fsamt_engine.media.skeleton import SKELETON_CODEC
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch
from fsamt_engine.units import format_bytes

__all__ = ["CompositionPlan", "CompositionSettings", "compose", "plan_composition"]


def compose(
    library: Library,
    settings: CompositionSettings,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> list[str]:
    """Makes untrimmed takes by joining labelled segments of real ones.

    A take is of one participant and session, so what was allowed there holds for it too. It comes
    whole or not at all; the same settings on the same labels find it again. Depth, infrared and
    skeletons are those of the pieces, bit by bit; times are regular.

    Args:
        library: Where the pieces are, and the takes go.
        settings: What is joined, and how.
        on_progress: Gets "Composing takes", main frames done of those to do.
        should_stop: Asked at every frame; any answer but None stops.

    Returns:
        Ids of the takes, those that were there already too, in the order of the plan.

    Raises:
        Cancelled: `should_stop` said so. Takes that were made stay, and are found again.
        FsamtError: There is nothing to join, a source cannot be read, or the disk is full. Takes
            that were made stay.
    """
    sweep_orphans(library)
    plan = plan_composition(library, settings)
    needed = estimate_composition(library, plan)
    if not needed.fits:
        raise FsamtError(
            f"There is no room for these takes: about {format_bytes(needed.n_bytes)} are needed.",
            "Compose fewer or shorter ones, or make room on the disk.",
        )
    planned = plan.takes
    to_do = [one for one in planned if not has_source_key(library, one.source_key)]
    total = sum(one.n_frames for one in to_do)
    watch, n_before = Stopwatch(total), 0

    def tell(share: float) -> None:
        if should_stop is not None and should_stop() is not None:
            raise Cancelled(resumable=True)
        if on_progress is not None:
            done = n_before + round(share * one.n_frames)
            left = watch.seconds_left(done)
            on_progress(Progress("Composing takes", done, total, {}, left))

    for one in to_do:
        try:
            _compose(library, one, tell)
        except BrokenFileError as error:
            file, reason = error.args
            raise FsamtError(
                f"{file} cannot be used: {reason}",
                "Check the library; without that take the others can be composed.",
            ) from error
        n_before += one.n_frames
    return [one.take_id for one in planned]


def _compose(library: Library, planned: PlannedTake, tell: Callable[[float], None]) -> None:
    """Makes one take; `tell` gets the share of it that is done."""
    take_ids = list(dict.fromkeys(piece.take_id for piece, _ in planned.pieces))
    with staging_folder(library) as staging, SourceFiles(library, take_ids) as files:
        joined = Joined(files, planned, lambda: tell(0.0))
        shown = [kind for kind in joined.kinds if kind is not StreamKind.SKELETON]
        steps = count()

        def check_stop() -> None:
            tell(min(1.0, next(steps) / (len(shown) * planned.n_frames)))

        streams = [_stage(joined, planned, kind, staging, check_stop) for kind in shown]
        if StreamKind.SKELETON in joined.kinds:
            streams.append(_stage_skeleton(joined, planned, staging))
        draft = TakeDraft(
            session=planned.kind.session,
            participant=planned.kind.participant,
            source=COMPOSED,
            source_key=planned.source_key,
            started_at_us=joined.started_at_us,
            streams=streams,
            pairs=joined.pairs(),
            segments=[(one.action, one.start, one.end) for one in joined.pieces if one.is_labelled],
            calibration=planned.kind.calibration,
            region=joined.region,
            composition=joined.pieces,
        )
        try:
            add_take(library, staging, draft)
        except FsamtError:  # Another program made the same meanwhile.
            if not has_source_key(library, planned.source_key):
                raise


def _stage(
    joined: Joined,
    planned: PlannedTake,
    kind: StreamKind,
    staging: Path,
    check_stop: Callable[[], None],
) -> StreamDraft:
    main = planned.kind
    frames = FrameSource(
        staging,
        joined.frames(kind),
        *joined.size(kind),
        nominal_timestamps(planned.n_frames, main.rate_hz),
        main.rate_hz,
        main.unit_m if kind is main.main else None,
    )
    return stage_frames(frames, kind, staging / f"{kind}.mkv", check_stop)


def _stage_skeleton(joined: Joined, planned: PlannedTake, staging: Path) -> StreamDraft:
    joints, path = joined.joints(), staging / "skeleton.npy"
    write_skeleton(path, joints)
    n_frames, n_bodies, n_joints, _ = joints.shape
    rate_hz = planned.kind.rate_hz
    times_us = nominal_timestamps(n_frames, rate_hz)
    kind, codec = StreamKind.SKELETON, SKELETON_CODEC
    return StreamDraft(kind, path, n_joints, n_bodies, n_frames, rate_hz, codec, times_us)
