"""Which action has which lane of the event timeline; none jumps while it is seen."""

from collections.abc import Iterable, Mapping

from fsamt_engine.library.records import BACKGROUND


class EventLanes:
    """A lane for each action; where there are more actions than lanes, for those last recognised.

    `background` has none: it is what is between the events.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.colours: dict[str, str] = {}
        self._n_lanes = 0
        self._used: dict[str, int] = {}

    @property
    def actions(self) -> list[str]:
        """Every action that can have a lane, in the model's order."""
        return [name for name in self.colours if name != BACKGROUND]

    def show_actions(self, colours: Mapping[str, str]) -> bool:
        """The model's actions and their colours; whether they are others than before."""
        if list(colours.items()) == list(self.colours.items()):
            return False
        is_same = list(colours) == list(self.colours)
        self.colours = dict(colours)
        if not is_same:
            self._lay_out()
        return True

    def show_lanes(self, n_lanes: int) -> bool:
        """How many lanes there is room for; whether that changes which there are."""
        if n_lanes == self._n_lanes:
            return False
        before, self._n_lanes = self.names, n_lanes
        if not self._fits and len(before) <= n_lanes and set(before) <= set(self.actions):
            return False
        self._lay_out()
        return self.names != before

    def see(self, recognised: Iterable[tuple[str, int]]) -> bool:
        """Give lanes to what is in sight.

        Args:
            recognised: Action and when it began, in the order of time.

        Returns:
            Whether a lane has got another action.
        """
        if self._fits:
            return False
        changed = False
        for action, at_us in recognised:
            self._used[action] = max(at_us, self._used.get(action, at_us))
            if action in self.names or action not in self.colours:
                continue
            changed = True
            if len(self.names) < self._n_lanes:
                self.names.append(action)
            else:
                oldest = min(range(len(self.names)), key=lambda i: self._used[self.names[i]])
                self.names[oldest] = action
        return changed

    @property
    def n_lanes(self) -> int:
        """How many lanes there are, those included that no action has yet."""
        return max(1, len(self.names) if self._fits else self._n_lanes)

    def lane(self, action: str) -> int | None:
        """The lane of an action, 0 for the uppermost; None while it has none."""
        return self.names.index(action) if action in self.names else None

    @property
    def _fits(self) -> bool:
        return len(self.actions) <= self._n_lanes

    def _lay_out(self) -> None:
        self.names = self.actions if self._fits else []
        self._used = {}
