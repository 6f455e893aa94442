"""What is drawn on the pictures of the player, as it was chosen from a menu."""

import numpy as np
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtWidgets import QCheckBox

from app.tasks import Problem
from app.widgets.playing.overlay_painting import (
    crop_drawing,
    flow_drawing,
    region_drawing,
    skeleton_drawing,
)
from app.widgets.playing.played_view import PlayedView
from app.widgets.playing.take_overlays import Overlay, TakeOverlays
from app.widgets.playing.tool_popup import ToolPopup
from app.widgets.take_frames import TakeFiles
from fsamt_engine.library import StreamKind


class Overlays(QObject):
    """Draws crop, flow and skeleton on both pictures as soon as they are computed.

    Attributes:
        tool: The button with the menu.
        choices: What is chosen in it.
    """

    status_changed = Signal(str)
    """What it does now or why it cannot, in words; "" for nothing."""

    def __init__(
        self, colour: PlayedView, depth: PlayedView, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._colour, self._depth = colour, depth
        self._files: TakeFiles | None = None
        self._take: TakeOverlays | None = None
        self._retired: list[TakeOverlays] = []
        self._index = 0
        self.tool = ToolPopup("overlays")
        self.tool.show_title(
            self.tr("Drawn on the pictures"),
            self.tr("Drawn on the pictures: crop, flow, skeleton"),
        )
        self.choices = {
            Overlay.CROP: QCheckBox(self.tr("What the student sees")),
            Overlay.FLOW: QCheckBox(self.tr("Flow")),
            Overlay.SKELETON: QCheckBox(self.tr("Skeleton")),
        }
        for choice in self.choices.values():
            self.tool.rows.addWidget(choice)
            choice.toggled.connect(self._choice_changed)
        self._say_what_is_there()

    @property
    def chosen(self) -> frozenset[Overlay]:
        """What is to be drawn of this take."""
        return frozenset(
            overlay
            for overlay, choice in self.choices.items()
            if choice.isChecked() and choice.isEnabled()
        )

    def show_take(self, files: TakeFiles | None) -> None:
        """Draw on the pictures of another take; None draws nothing."""
        self._retire()
        self._files = files
        self._index = 0
        self.status_changed.emit("")
        self._say_what_is_there()
        if files is not None:
            self._take = TakeOverlays(files, self)
            self._take.found.connect(self._draw)
            self._take.failed.connect(self._failed)
            self._take.busy_changed.connect(self._busy_changed)
        self.show_moment(0)

    def show_moment(self, index: int) -> None:
        """Draw on the pictures of this moment."""
        self._index = index
        if self._take is not None:
            self._take.want(self.chosen, index)
        self._draw()

    def close_files(self) -> None:
        """Let go of every file, and wait until the threads have ended."""
        self.show_take(None)
        for take in list(self._retired):
            take.close()

    def _choice_changed(self) -> None:
        self.show_moment(self._index)

    def _retire(self) -> None:
        if self._take is None:
            return
        take, self._take = self._take, None
        for signal in (take.found, take.failed, take.busy_changed):
            signal.disconnect()
        take.ask_to_end()
        if take.is_running:
            self._retired.append(take)
            take.ended.connect(self._forget_ended)
        else:
            take.deleteLater()

    def _forget_ended(self) -> None:
        for take in [retired for retired in self._retired if not retired.is_running]:
            self._retired.remove(take)
            take.deleteLater()

    def _failed(self, overlay: str, problem: Problem) -> None:
        choice = self.choices[Overlay(overlay)]
        choice.setEnabled(False)
        choice.setToolTip(f"{problem.message} {problem.hint}".strip())
        self.status_changed.emit(self.tr("cannot be drawn: {why}").format(why=problem.message))
        self._draw()

    def _busy_changed(self, is_busy: bool) -> None:
        self.status_changed.emit(self.tr("finding the person…") if is_busy else "")

    def _draw(self) -> None:
        for view in (self._colour, self._depth):
            for name in ("flow", "crop", "region", "skeleton"):
                view.draw(name, None)
        chosen, files, take = self.chosen, self._files, self._take
        if files is None or take is None or not chosen:
            return
        if chosen & {Overlay.CROP, Overlay.FLOW}:
            self._draw_view(files, take, chosen)
        if Overlay.SKELETON in chosen:
            self._draw_skeleton(files, take)

    def _draw_view(self, files: TakeFiles, take: TakeOverlays, chosen: frozenset[Overlay]) -> None:
        view = take.view(self._index)
        depth, colour = (files.take.stream(kind) for kind in (StreamKind.DEPTH, StreamKind.COLOUR))
        if view is None or depth is None:
            return
        # Slow to bring in; the overlays' thread has done so when there is a view.
        from fsamt_engine.modalities.boxes import Box
        from fsamt_engine.modalities.rgb import colour_view

        def shares(box: Box, size: tuple[int, int]) -> QRectF:
            width, height = size
            corner = (box.x0 / width, box.y0 / height)
            return QRectF(*corner, (box.x1 - box.x0) / width, (box.y1 - box.y0) / height)

        depth_size = (depth.width, depth.height)
        if Overlay.CROP in chosen:
            square, limits = (shares(box, depth_size) for box in (view.box, view.limits))
            self._depth.draw("crop", crop_drawing(square, limits))
            if files.take.region is not None:
                x0, y0, x1, y1 = files.take.region
                self._depth.draw("region", region_drawing(QRectF(x0, y0, x1 - x0, y1 - y0)))
        if colour is None:
            return
        size = (colour.width, colour.height)
        seen = colour_view(view, files.take.calibration, depth_size, size)
        square, limits = (shares(box, size) for box in (seen.box, seen.limits))
        picture = take.flow(self._index) if Overlay.FLOW in chosen else None
        if picture is not None:
            self._colour.draw("flow", flow_drawing(picture, square))
        if Overlay.CROP in chosen:
            self._colour.draw("crop", crop_drawing(square, limits))

    def _draw_skeleton(self, files: TakeFiles, take: TakeOverlays) -> None:
        from fsamt_engine.modalities.projection import colour_shares, depth_shares

        joints = take.joints(self._index)
        if joints is None or not np.isfinite(joints).any():
            return
        # Infrared and depth are one picture; a figure by itself has no place in a picture.
        ways = [(self._colour, colour_shares)]
        if files.sensors[:1] != (StreamKind.SKELETON,):
            ways.append((self._depth, depth_shares))
        for view, project in ways:
            bodies = project(joints, files.take.calibration)
            if bodies is not None:
                view.draw("skeleton", skeleton_drawing(bodies))

    def _say_what_is_there(self) -> None:
        """Which of them this take can have, and why not the others."""
        for overlay, (is_there, words) in self._availability().items():
            self.choices[overlay].setEnabled(is_there)
            self.choices[overlay].setToolTip(words)

    def _availability(self) -> dict[Overlay, tuple[bool, str]]:
        files = self._files
        if files is None:
            nothing = (False, self.tr("Choose a take first."))
            return dict.fromkeys(Overlay, nothing)
        take = files.take
        has_depth, has_colour = (
            take.stream(kind) is not None for kind in (StreamKind.DEPTH, StreamKind.COLOUR)
        )
        crop = self.tr(
            "The square around the person, found from depth alone; what the student does not "
            "see is dark. On colour, it is carried over at the person's distance."
        )
        flow = self.tr(
            "What a teacher of flow sees, on the colour picture: the colour is the direction of "
            "the motion (red to the right, cyan to the left), its strength the speed."
        )
        is_paired = has_depth and has_colour and take.n_pairs > 0
        return {
            Overlay.CROP: (has_depth, crop if has_depth else self.tr("This take has no depth.")),
            Overlay.FLOW: (
                is_paired,
                flow if is_paired else self.tr("Flow needs pairs of colour and depth."),
            ),
            Overlay.SKELETON: self._skeleton_availability(files),
        }

    def _skeleton_availability(self, files: TakeFiles) -> tuple[bool, str]:
        from fsamt_engine.modalities.projection import is_calibrated

        calibration = files.take.calibration
        skeleton = files.take.stream(StreamKind.SKELETON)
        if skeleton is None:
            return False, self.tr("This take has no skeleton.")
        if files.sensors == (StreamKind.SKELETON,) and not is_calibrated(calibration):
            return False, self.tr(
                "It is drawn by itself: it is not known where joints lie in colour."
            )
        if calibration.depth is None:
            return False, self.tr(
                "Depth of this take is not calibrated, so it is not known where joints lie in it."
            )
        words = (
            self.tr("The joints as they were recorded, on depth and on colour.")
            if is_calibrated(calibration)
            else self.tr(
                "The joints as they were recorded, on depth only: colour of this take is not "
                "calibrated to depth, so it is not known where they lie in it."
            )
        )
        if skeleton.timestamp_domain == "nominal":
            words += " " + self.tr(
                "No times were recorded with it: a fast hand may be a frame or two ahead or behind."
            )
        return True, words
