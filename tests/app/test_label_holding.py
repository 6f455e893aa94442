import pytest

from app.pages.label.holding import HOLD_S, Held, Holding, Meant, Tapped

LAST = 59


def played(
    holding: Holding, frames: range, since_s: float = 0.0, rate_hz: float = 30.0
) -> list[Meant]:
    """The playhead runs over frames in real time; what the keys meant meanwhile."""
    moves = (
        holding.move(frame, since_s + number / rate_hz, LAST, is_playing=True)
        for number, frame in enumerate(frames)
    )
    return [meant for meant in moves if meant is not None]


def test_short_press_on_a_still_picture_is_a_tap():
    holding = Holding()
    assert holding.press("1", "wave", 0.0, 10) is None
    assert holding.release("1", 0.1) == Tapped("wave")
    assert not holding.is_down


def test_long_press_on_a_still_picture_is_a_tap_too():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    assert holding.release("1", 5.0) == Tapped("wave")


def test_key_held_while_it_plays_labels_what_was_played():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    assert played(holding, range(10, 40)) == []
    assert holding.release("1", 1.0) == Held("wave", 10, 40)


def test_quick_press_while_it_plays_is_a_tap():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    played(holding, range(10, 14))
    assert holding.release("1", HOLD_S - 0.01) == Tapped("wave")


@pytest.mark.parametrize(
    ("last", "labelled"), [(14, Held("wave", 10, 15)), (6, Held("wave", 6, 11))]
)
def test_key_held_while_frames_are_stepped_labels_them_in_either_direction(last, labelled):
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    step = 1 if last > 10 else -1
    for frame in range(10, last + step, step):
        holding.move(frame, 0.0, LAST, is_playing=False)
    assert holding.release("1", 0.1) == labelled


def test_presses_of_a_key_that_is_down_begin_nothing():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    for number in range(1, 20):
        assert holding.press("1", "wave", 0.03 * number, 10 + number) is None
        holding.move(10 + number, 0.03 * number, LAST, is_playing=True)
    assert holding.release("1", 0.6) == Held("wave", 10, 30)
    assert holding.release("1", 0.7) is None


def test_release_that_is_told_of_late_ends_the_hold_where_it_was():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    played(holding, range(10, 40))
    assert holding.release("1", 0.9, frame=36) == Held("wave", 10, 37)


def test_hold_is_shown_only_once_it_cannot_be_a_tap_any_more():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    played(holding, range(10, 20))
    assert holding.pending(HOLD_S - 0.01) is None
    assert holding.pending(HOLD_S) == Held("wave", 10, 20)
    holding.release("1", 1.0)
    assert holding.pending(1.0) is None


def test_hold_ends_with_the_take_when_it_begins_again():
    holding = Holding()
    holding.press("1", "wave", 0.0, 40)
    assert played(holding, range(40, 59)) == []
    assert played(holding, range(3), since_s=0.7) == [Held("wave", 40, 60)]
    assert holding.press("1", "wave", 0.8, 4) is None, "the key is still down"
    assert holding.pending(2.0) is None
    assert holding.release("1", 0.9) is None
    assert holding.press("1", "wave", 1.0, 5) is None
    assert holding.release("1", 1.1) == Tapped("wave"), "pressed anew, it counts again"


def test_key_pressed_right_before_the_take_begins_again_belongs_to_the_new_round():
    holding = Holding()
    holding.press("1", "wave", 0.0, 58)
    assert played(holding, range(20)) == []
    assert holding.release("1", 0.7) == Held("wave", 0, 20)


def test_next_key_pressed_before_the_last_is_up_ends_the_last():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    assert holding.press("2", "kick", 0.1, 10) == Tapped("wave")
    assert holding.release("1", 0.15) is None
    assert holding.release("2", 0.2) == Tapped("kick")


def test_one_held_action_follows_another_without_a_gap():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    played(holding, range(10, 30))
    assert holding.press("2", "kick", 0.65, 29) == Held("wave", 10, 30)
    played(holding, range(29, 50), since_s=0.65)
    assert holding.release("1", 0.7) is None
    assert holding.release("2", 1.4) == Held("kick", 29, 50)


def test_cancelled_key_means_nothing_and_its_release_is_swallowed():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    played(holding, range(10, 30))
    holding.cancel()
    assert holding.pending(1.0) is None
    assert holding.press("1", "wave", 1.0, 30) is None, "a repeat of the cancelled key"
    assert holding.release("1", 1.1) is None
    holding.press("1", "wave", 1.2, 30)
    assert holding.release("1", 1.3) == Tapped("wave")


def test_keys_released_in_another_window_work_again_when_this_one_has_the_keyboard():
    holding = Holding()
    holding.press("1", "wave", 0.0, 10)
    holding.cancel()
    holding.forget()
    holding.press("1", "wave", 9.0, 10)
    assert holding.release("1", 9.1) == Tapped("wave")


def test_release_of_a_key_that_was_never_pressed_here_means_nothing():
    assert Holding().release("1", 0.0) is None
