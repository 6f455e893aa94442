"""Which part of a take a timeline shows, and where a frame is on it."""

_FEWEST_FRAMES = 8.0
ZOOM_STEP = 1.25
"""By how much a key, or a notch of the wheel, zooms."""


class TimeWindow:
    """The shown part of a take, in frames; frame `i` covers `i` to `i + 1`.

    Attributes:
        n_frames: Of the take.
        first: Where the window begins, in frames.
        n_shown: How many frames it shows.
        left_px: Where its first frame is.
        width_px: How wide it is.
    """

    def __init__(self) -> None:
        self.n_frames = 0
        self.first = 0.0
        self.n_shown = 1.0
        self.left_px = 0
        self.width_px = 1

    @property
    def last(self) -> float:
        """Where the window ends, in frames."""
        return self.first + self.n_shown

    @property
    def is_whole(self) -> bool:
        """Whether all of the take is shown."""
        return self.n_shown >= self.n_frames

    @property
    def px_per_frame(self) -> float:
        """Width of one frame."""
        return self.width_px / self.n_shown

    def show_take(self, n_frames: int) -> None:
        """Show all of another take."""
        self.n_frames = n_frames
        self.show_whole()

    def show_whole(self) -> None:
        """Show all of the take."""
        self.first, self.n_shown = 0.0, float(max(1, self.n_frames))

    def place(self, left_px: int, width_px: int) -> None:
        """Take this place on the screen."""
        self.left_px, self.width_px = left_px, max(1, width_px)

    def x(self, frame: float) -> float:
        """Where a frame begins, in pixels."""
        return self.left_px + (frame - self.first) * self.px_per_frame

    def position(self, x: float) -> float:
        """What is at a place, in frames and parts of them, within the take."""
        at = self.first + (x - self.left_px) / self.px_per_frame
        return min(max(at, 0.0), float(self.n_frames))

    def frame(self, x: float) -> int:
        """The frame that covers a place."""
        return min(int(self.position(x)), max(0, self.n_frames - 1))

    def edge(self, x: float) -> int:
        """The boundary between two frames that is nearest to a place, 0 to `n_frames`."""
        return round(self.position(x))

    def zoom(self, factor: float, x: float) -> None:
        """Show `factor` times as much of the take; what is at `x` stays there."""
        at = self.position(x)
        share = (x - self.left_px) / self.width_px
        whole = float(max(1, self.n_frames))
        self.n_shown = min(max(self.n_shown * factor, min(_FEWEST_FRAMES, whole)), whole)
        self.move_to(at - share * self.n_shown)

    def move_to(self, first: float) -> None:
        """Begin here, as far as the take goes."""
        self.first = min(max(first, 0.0), max(0.0, self.n_frames - self.n_shown))

    def follow(self, frame: int) -> None:
        """Show this frame: turn the page where it lies outside."""
        if not self.first <= frame <= self.last - 1:
            self.move_to(frame - 0.1 * self.n_shown)

    def turn(self, turned: int, sideways: int, x: float, *, moves: bool) -> None:
        """What a wheel does: zoom at a place; with `moves`, or sideways, move through the take.

        Args:
            turned: Eighths of a degree, away from the hand above 0; likewise `sideways`.
            x: Where the pointer is, in pixels.
        """
        if moves:
            sideways, turned = turned or sideways, 0
        if turned:
            self.zoom(ZOOM_STEP ** (-turned / 120), x)
        elif sideways:
            self.move_to(self.first - sideways / 120 * self.n_shown / 8)
