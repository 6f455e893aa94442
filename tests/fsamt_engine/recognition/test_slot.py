import threading

from fsamt_engine.recognition.slot import Slot


def test_the_newest_wins_and_the_others_are_counted():
    slot = Slot()
    for number in range(5):
        slot.put(number)
    assert slot.get(0) == 4
    assert slot.get(0) is None
    assert slot.n_replaced == 4


def test_a_mark_keeps_its_place_and_is_never_replaced():
    slot = Slot()
    slot.put("before")
    slot.mark("mark")
    slot.put("after")
    slot.put("later")
    assert [slot.get(0) for _ in range(4)] == ["before", "mark", "later", None]


def test_who_may_lose_nothing_waits_until_it_was_fetched():
    slot, done = Slot(), []

    def give():
        for number in range(4):
            slot.put_waiting(number)
            done.append(number)

    giver = threading.Thread(target=give)
    giver.start()
    fetched = []
    for _ in range(4):
        fetched.append(slot.get(10))
        assert len(done) <= len(fetched) + 1
    giver.join()
    assert fetched == [0, 1, 2, 3]
    assert slot.n_replaced == 0


def test_closing_lets_everybody_go():
    slot = Slot()
    slot.put(1)
    giver = threading.Thread(target=slot.put_waiting, args=(2,))
    giver.start()
    slot.close()
    giver.join(10)
    assert not giver.is_alive()
    slot.put(3)
    slot.mark(4)
    assert slot.get(10) is None
