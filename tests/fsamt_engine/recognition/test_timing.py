import pytest

from fsamt_engine.recognition.state import Timings
from fsamt_engine.recognition.timing import ExposureClock, TimingLog, now_us, percentiles

START_US = 1_700_000_000_000_000


def test_the_fastest_way_gives_the_difference_of_the_clocks():
    clock = ExposureClock()
    for n, delay_us in enumerate([9_000, 2_000, 5_000, 30_000]):
        exposed = clock.host_us(33_000 * n, "device", START_US + 33_000 * n + delay_us)
    assert exposed == START_US + 33_000 * 3 + 2_000


def test_a_clock_that_drifts_is_followed():
    clock = ExposureClock()
    for second in range(180):
        drift_us = 100 * second
        exposed = clock.host_us(
            1_000_000 * second, "device", START_US + 1_000_000 * second + drift_us
        )
    late_us = START_US + 179_000_000 + 17_900 - exposed
    assert 5_000 <= late_us <= 6_000


def test_another_clock_starts_anew():
    clock = ExposureClock()
    clock.host_us(0, "device", START_US)
    assert clock.host_us(START_US + 50, "host", START_US + 70) == START_US + 70


def timings(waiting, preparing=1.0, network=2.0, display=None):
    return Timings(waiting, preparing, network, display)


def test_percentiles_are_those_of_each_part_and_of_the_total():
    (found,) = percentiles([timings(float(n), network=100.0 - n) for n in range(101)], [95])
    assert (found.waiting_ms, found.network_ms, found.total_ms) == (95, 95, 101)
    assert found.display_ms is None


def test_the_total_reaches_to_the_screen_where_somebody_looks():
    (found,) = percentiles([timings(1), timings(1, display=10.0)], [50])
    assert found.display_ms == 10
    assert found.total_ms == 14


def test_an_answer_is_shown_once():
    log, now = TimingLog(), now_us()
    log.add(1, now, timings(1))
    log.add(2, now + 1000, timings(1))
    log.shown(2, now + 17_000)
    log.shown(2, now + 34_000)
    log.shown(7, now + 34_000)
    assert log.timings(1).display_ms is None
    assert log.timings(2).display_ms == 16
    assert log.timings(7) is None


def test_only_the_last_ten_seconds_count():
    log, now = TimingLog(), now_us()
    assert log.percentiles() is None
    log.add(1, now - 11_000_000, timings(500))
    log.add(2, now, timings(5))
    half, most = log.percentiles()
    assert (half.waiting_ms, most.waiting_ms) == (5, 5)
    assert log.timings(1) is None


def test_answers_a_second_are_those_of_the_last_two():
    log, now = TimingLog(), now_us()
    assert log.answers_hz() == 0
    for n in range(60, 0, -1):
        log.add(60 - n, now - n * 100_000, timings(1))
    assert log.answers_hz() == pytest.approx(10)
