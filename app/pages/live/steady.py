"""Which actions are shown as bars, so that they stay where they are."""

from collections.abc import Sequence

_MARGIN = 0.03
_STAY_S = 1.0


class SteadyFew:
    """Keeps a few places for the likeliest actions, and moves as little as it can.

    An action keeps its place as long as it is shown. Another one takes the place of the unlikeliest
    that is shown, when it is likelier than that by 3 points, and that has stood there for a second;
    the likeliest of all is shown at once.

    Args:
        n_actions: Of the model.
        n_places: How many are shown at most.
    """

    def __init__(self, n_actions: int, n_places: int = 5) -> None:
        self._n_actions = n_actions
        self._n_places = min(n_places, n_actions)
        self._shown: list[int] = []
        self._since_s: dict[int, float] = {}

    def update(self, probabilities: Sequence[float], now_s: float) -> tuple[int, ...]:
        """The actions to show, from top to bottom.

        Args:
            probabilities: One for each action.
            now_s: The time; it never goes back.
        """
        order = sorted(range(self._n_actions), key=lambda place: -probabilities[place])
        if not self._shown:
            # In the model's order: that of the first moment is chance.
            self._shown = sorted(order[: self._n_places])
            self._since_s = dict.fromkeys(self._shown, now_s - _STAY_S)
            return tuple(self._shown)
        for candidate in order[: self._n_places]:
            if candidate in self._shown:
                continue
            is_first = candidate == order[0]
            leaving = min(
                (one for one in self._shown if is_first or now_s - self._since_s[one] >= _STAY_S),
                key=lambda one: probabilities[one],
                default=None,
            )
            if leaving is None:
                continue
            ahead = probabilities[candidate] - probabilities[leaving]
            if is_first or ahead >= _MARGIN:
                self._shown[self._shown.index(leaving)] = candidate
                self._since_s[candidate] = now_s
        return tuple(self._shown)
