import numpy as np
import pytest
import torch

from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import Normalisation, augment, flip, n_channels, to_tensor

SHAPES = {
    Modality.DEPTH: ((2, 4, 32, 32), np.float16),
    Modality.RGB: ((2, 4, 32, 32, 3), np.uint8),
    Modality.FLOW: ((2, 4, 32, 32, 2), np.uint8),
    Modality.INFRARED: ((2, 4, 32, 32), np.uint8),
    Modality.SKELETON: ((2, 4, 2, 20, 3), np.float32),
}


def batch_of(modality, seed=0):
    shape, dtype = SHAPES[modality]
    rng = np.random.default_rng(seed)
    if dtype == np.uint8:
        return rng.integers(0, 256, shape, np.uint8)
    return rng.random(shape).astype(dtype)


@pytest.mark.parametrize("modality", list(Modality))
def test_tensors_have_channels_before_time(modality):
    batch = batch_of(modality)
    before = batch.copy()
    tensor = to_tensor(batch, modality, Normalisation((0.5,) * n_channels(modality), (2.0,)))
    assert np.array_equal(batch, before), "what is stored is left as it is"
    rest = (20, 2) if modality is Modality.SKELETON else (32, 32)
    assert tensor.shape == (2, n_channels(modality), 4, *rest)
    assert tensor.dtype == torch.float32
    assert tensor.is_contiguous()


def test_values_are_normalised_by_channel():
    plain = Normalisation((0.0,), (1.0,))
    depth = batch_of(Modality.DEPTH)
    assert np.array_equal(to_tensor(depth, Modality.DEPTH, plain)[:, 0].numpy(), depth)
    batch = batch_of(Modality.RGB)
    normalisation = Normalisation((0.1, 0.2, 0.3), (0.5, 0.25, 2.0))
    tensor = to_tensor(batch, Modality.RGB, normalisation).numpy()
    wanted = (batch[..., 1] / 255 - 0.2) / 0.25
    assert np.allclose(tensor[:, 1], wanted, atol=1e-5)


def test_a_published_network_gets_what_it_was_trained_on():
    """MARS: RGB 0..255 minus a mean, flow minus 127.5."""
    rgb, flow = batch_of(Modality.RGB), batch_of(Modality.FLOW)
    mean = (114.7748, 107.7354, 99.4750)
    of_rgb = Normalisation(tuple(m / 255 for m in mean), (1 / 255,) * 3)
    of_flow = Normalisation((0.0, 0.0), (1 / 127.5,) * 2)
    assert np.allclose(
        to_tensor(rgb, Modality.RGB, of_rgb).numpy(),
        np.moveaxis(rgb - np.array(mean), -1, 1),
        atol=1e-3,
    )
    assert np.allclose(
        to_tensor(flow, Modality.FLOW, of_flow).numpy(), np.moveaxis(flow - 127.5, -1, 1), atol=1e-3
    )


@pytest.mark.parametrize("modality", list(Modality))
def test_flipping_twice_changes_nothing(modality):
    batch = batch_of(modality)
    once = flip(batch, modality)
    assert not np.array_equal(once, batch)
    assert np.array_equal(flip(once, modality), batch)
    assert once.flags.c_contiguous


def test_flipping_negates_only_the_x_of_flow():
    batch = batch_of(Modality.FLOW)
    mirrored = to_tensor(flip(batch, Modality.FLOW), Modality.FLOW)
    tensor = to_tensor(batch, Modality.FLOW)
    assert torch.allclose(mirrored[:, 0], -tensor[:, 0].flip(-1), atol=1e-5)
    assert torch.allclose(mirrored[:, 1], tensor[:, 1].flip(-1), atol=1e-5)


@pytest.mark.parametrize("modality", list(Modality))
def test_augmenting_depends_on_the_generator_alone(modality):
    batch = batch_of(modality)
    first, again, other = (
        augment(batch, modality, np.random.default_rng(seed), 0.2, 0.2) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first.shape, first.dtype) == (batch.shape, batch.dtype)


@pytest.mark.parametrize("modality", list(Modality))
def test_augmenting_by_nothing_changes_nothing(modality):
    batch = batch_of(modality)
    assert np.array_equal(augment(batch, modality, np.random.default_rng(0), 0.0, 0.0), batch)


def test_all_frames_of_a_clip_are_shifted_alike_and_filled_with_no_reading():
    batch = np.zeros((3, 4, 33, 33), np.float16)
    batch[:, :, 16, 16] = 1
    shifted = augment(batch, Modality.DEPTH, np.random.default_rng(3), 0.3, 0.0)
    places = [np.argwhere(clip[0])[0].tolist() for clip in shifted]
    assert len({tuple(place) for place in places}) == 3
    for clip, (row, column) in zip(shifted, places, strict=True):
        assert (clip[:, row, column] == 1).all()
        assert clip.sum() == 4


def test_still_flow_comes_in_from_outside():
    batch = np.full((1, 2, 32, 32, 2), 200, np.uint8)
    shifted = augment(batch, Modality.FLOW, np.random.default_rng(3), 0.5, 0.0)
    assert set(np.unique(shifted)) == {128, 200}


def test_flow_grows_with_the_picture():
    batch = np.full((1, 1, 32, 32, 2), 200, np.uint8)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        factor = 1 + 0.2 * np.random.default_rng(seed).uniform(-1, 1, (1, 3))[0, 0]
        middle = augment(batch, Modality.FLOW, rng, 0.0, 0.2)[0, 0, 16, 16, 0]
        assert middle - 127.5 == pytest.approx((200 - 127.5) * factor, abs=0.6)
