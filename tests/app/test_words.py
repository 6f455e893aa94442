from app import words


def test_counts_are_written_as_people_do():
    assert words.takes(1) == "1 take"
    assert words.takes(0) == "0 takes"
    assert words.pairs(1248) == "1,248 pairs"
    assert words.participants(1) == "1 participant"
    assert words.recognisers(2) == "2 recognisers"
    assert words.seeds(1) == "1 seed"
