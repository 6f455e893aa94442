"""What a step sees, and what the norm before the classifier leaves behind."""

import torch

from fsamt_engine.learning.clips import step_items, steps_per_epoch
from fsamt_engine.learning.lessons import NamingModule
from fsamt_engine.networks import build


def test_folding_the_norm_away_keeps_every_answer() -> None:
    network = build("r3d_tiny", 1, 3, seed=0)
    naming = NamingModule(network, dropout=0.3, with_norm=True)
    clips = torch.randn(6, 1, 8, 16, 16, generator=torch.Generator().manual_seed(0))
    naming.train()
    for _ in range(5):
        naming(clips)
    naming.eval()
    with torch.no_grad():
        before = naming(clips)
        naming.fold()
        assert torch.allclose(network(clips), before, atol=1e-5)


def test_every_item_is_seen_once_an_epoch_in_an_order_of_its_own() -> None:
    n_steps = steps_per_epoch(12, 4)
    epochs = [
        [item for step in range(n_steps) for item in step_items(12, 4, 0, epoch * n_steps + step)]
        for epoch in range(2)
    ]
    assert [sorted(epoch) for epoch in epochs] == [list(range(12))] * 2
    assert epochs[0] != epochs[1]


def test_last_batch_of_an_epoch_is_filled_up() -> None:
    batches = [step_items(10, 4, 0, step) for step in range(steps_per_epoch(10, 4))]
    assert [len(batch) for batch in batches] == [4, 4, 4]
    assert {item for batch in batches for item in batch} == set(range(10))
