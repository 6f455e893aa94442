"""Colour and depth (or infrared, or a skeleton) of a moment side by side, with their words."""

from PySide6.QtWidgets import QWidget

from app.widgets.buttons import label
from app.widgets.frame_view import DepthScale
from app.widgets.playing.played_view import PlayedView
from app.widgets.playing.zoom import Zoom
from app.widgets.stage import Stage
from app.widgets.take_frames import Moment, TakeFiles
from fsamt_engine.library import StreamKind


class PictureStage(Stage):
    """The two pictures of the player.

    Attributes:
        zoom: What part of the pictures is shown.
        scale: What the colours of depth stand for.
        skew: Between the frames of the moment, in words.
        titles: Of the two pictures; that of DEPTH also where something else is shown there.
        kind: What is shown beside colour.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self.zoom = Zoom()
        self.scale = DepthScale()
        self.skew = label(quiet=True, small=True)
        self.titles = {kind: label(small=True) for kind in (StreamKind.COLOUR, StreamKind.DEPTH)}
        self._names: dict[StreamKind, str] = {}
        self._files: TakeFiles | None = None
        self._status = ""
        self.kind = StreamKind.DEPTH
        self.colour_view = PlayedView(self.zoom)
        self.depth_view = PlayedView(self.zoom)
        super().__init__(
            (self.titles[StreamKind.COLOUR], self.colour_view, self.skew),
            (self.titles[StreamKind.DEPTH], self.depth_view, self.scale),
            parent,
        )
        self.zoom.setParent(self)
        self._names = {
            StreamKind.COLOUR: self.tr("Colour"),
            StreamKind.DEPTH: self.tr("Depth"),
            StreamKind.INFRARED: self.tr("Infrared"),
            StreamKind.SKELETON: self.tr("Skeleton"),
        }
        self.colour_view.setAccessibleName(self._names[StreamKind.COLOUR])
        self.skew.setToolTip(
            self.tr("Skew: the time of the depth frame minus the time of the colour frame.")
        )
        self.zoom.changed.connect(self._write_titles)

    def show_take(self, files: TakeFiles | None) -> None:
        """Make room for the pictures of a take; there are none yet."""
        self._files = files
        self.kind = next(iter(files.sensors if files else ()), StreamKind.DEPTH)
        self.scale.show_range(None)
        self.skew.setText("")
        self.zoom.show_whole()
        self._write_titles()
        self.show_proportions(_proportions(files))
        for view in (self.colour_view, self.depth_view):
            view.show_image(None)

    def show_moment(self, moment: Moment) -> None:
        """Show the pictures of a moment, or say why there are none."""
        if moment.kind is not self.kind:
            self.kind = moment.kind
            self._write_titles()
        self.depth_view.show_image(moment.sensor, self._absence(self.kind))
        self.colour_view.show_image(moment.colour, self._absence(StreamKind.COLOUR))
        has_depth = self._files is not None and self._files.depth_path is not None
        is_depth = has_depth and self.kind is StreamKind.DEPTH
        self.scale.show_range(moment.range if is_depth else None)

    def show_failure(self) -> None:
        """Say that there are no pictures."""
        for view in (self.colour_view, self.depth_view):
            view.show_image(None, self.tr("This take cannot be shown."))

    def show_status(self, status: str) -> None:
        """Say what is under way, or what cannot be, above depth."""
        self._status = status
        self._write_titles()

    def write_skew(self, index: int) -> None:
        """Write the skew of a moment."""
        files = self._files
        if files is None or files.depth_path is None or files.colour_path is None:
            self.skew.setText("")
        elif files.timeline.colour_frames[index] < 0:
            self.skew.setText(self.tr("no pair"))
        elif files.take.is_nominal:
            self.skew.setText(self.tr("skew not known"))
        else:
            skew_ms = files.timeline.skews_us[index] / 1000
            sign = "−" if skew_ms < 0 else "+" if skew_ms > 0 else ""
            self.skew.setText(self.tr("skew {ms} ms").format(ms=f"{sign}{abs(skew_ms):.1f}"))

    def _absence(self, kind: StreamKind) -> str:
        if self._files is not None and self._files.take.stream(kind) is not None:
            return self.tr("No frame at this moment")
        if kind is StreamKind.COLOUR and self.kind is StreamKind.DEPTH:
            return self.tr("Depth only: this take has no colour.")
        if kind is StreamKind.COLOUR:
            return self.tr("This take has no colour.")
        return self.tr("This take has no depth.")

    def _write_titles(self) -> None:
        self.depth_view.setAccessibleName(self._names[self.kind])
        for place, title in self.titles.items():
            kind = self.kind if place is StreamKind.DEPTH else place
            stream = self._files.take.stream(kind) if self._files else None
            words = self._names[kind]
            if stream is not None and kind is StreamKind.SKELETON:
                words += self.tr(" · {n} joints").format(n=stream.width)
            elif stream is not None:
                words += f" · {stream.width} × {stream.height}"
            if not self.zoom.is_whole:
                words += self.tr(" · zoomed {scale:.1f} ×").format(scale=self.zoom.scale)
            if place is StreamKind.DEPTH and self._status:
                words += f" · {self._status}"
            title.setText(words)


def _proportions(files: TakeFiles | None) -> float:
    """Width over height of the larger stream's pictures."""
    kinds = (StreamKind.DEPTH, StreamKind.INFRARED, StreamKind.COLOUR)
    streams = [files.take.stream(kind) for kind in kinds] if files else []
    return max((s.width / s.height for s in streams if s is not None), default=4 / 3)
