"""Every way to compute flow finds a known motion, and codes it alike."""

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.modalities import flow, flow_raft
from fsamt_engine.modalities.boxes import Box, View
from fsamt_engine.modalities.flow import FlowInOrder, FlowPreparer, decode_flow
from fsamt_engine.modalities.flow_tvl1 import tv_l1
from fsamt_engine.modalities.preparation import FlowMethod, FlowSettings, Preparation

SIZE = 64
VIEW = View(Box(0, 0, 128, 128), Box(0, 0, 128, 128))


def texture(shift=(0.0, 0.0), size=128):
    """(size, size) float32 0..255: blurred noise, moved right and down by `shift` pixels."""
    rng = np.random.default_rng(0)
    noise = cv2.GaussianBlur(rng.random((300, 300)).astype(np.float32), (0, 0), 3)
    noise = (noise - noise.min()) / (noise.max() - noise.min()) * 255
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    moved = cv2.warpAffine(noise, move, (300, 300), flags=cv2.INTER_CUBIC)
    edge = (300 - size) // 2
    return moved[edge : edge + size, edge : edge + size]


def colour(shift=(0.0, 0.0)):
    return np.repeat(texture(shift).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("shift", [(1.0, 0.0), (-3.0, 2.0), (4.0, 4.0)])
def test_tv_l1_finds_a_known_shift_to_a_tenth_of_a_pixel(shift):
    earlier, later = (torch.from_numpy(texture(by).copy())[None] for by in ((0, 0), shift))
    found = tv_l1(earlier, later)[0, :, 12:-12, 12:-12].numpy()
    errors = np.hypot(found[0] - shift[0], found[1] - shift[1])
    assert errors.mean() < 0.1


def test_tv_l1_of_several_pairs_is_that_of_each():
    frames = torch.from_numpy(np.stack([texture((x, 0), 40) for x in (0, 1, 2)]))
    together = tv_l1(frames[:2], frames[1:])
    alone = tv_l1(frames[1:2], frames[2:])
    assert torch.allclose(together[1], alone[0], atol=1e-4)


def test_tv_l1_of_a_still_picture_is_nothing():
    still = torch.from_numpy(texture(size=40).copy())[None]
    assert tv_l1(still, still).abs().max() < 1e-3
    assert torch.isfinite(tv_l1(torch.zeros(1, 40, 40), torch.zeros(1, 40, 40))).all()


@pytest.mark.parametrize("method", [FlowMethod.DIS, FlowMethod.TVL1])
def test_methods_code_the_same_motion_alike(method):
    settings = FlowSettings(method=method, bound_share=20 / 256)
    preparation = Preparation(flow=settings).with_size(SIZE)
    coded = FlowPreparer(preparation).between(colour(), colour((4.0, -2.0)), VIEW)
    middle = decode_flow(coded, preparation.bound_px)[8:-8, 8:-8]
    assert preparation.bound_px == 5.0
    assert np.allclose(middle.mean(axis=(0, 1)), [2.0, -1.0], atol=0.1)


def test_each_method_has_a_cache_of_its_own_and_dis_the_one_it_had():
    keys = {Preparation(flow=FlowSettings(method=method)).key() for method in FlowMethod}
    assert len(keys) == 3
    assert Preparation().key() == "891813457ad535b0", "as it was before there were others"


class Rightward(nn.Module):
    """Stands for RAFT: sees the brightness, answers 3 pixels to the right in its last step."""

    def forward(self, earlier, later):
        assert earlier.shape[1:] == (3, 144, 144)
        assert -1 <= earlier.min() <= earlier.max() <= 1
        flow = torch.zeros(len(earlier), 2, 144, 144)
        return [flow, flow + torch.tensor([3.0, 0.0]).view(1, 2, 1, 1)]


def test_raft_is_asked_in_sizes_and_numbers_that_it_takes(monkeypatch):
    monkeypatch.setattr(flow_raft, "_load", Rightward)
    monkeypatch.setattr(flow_raft, "_loaded", {})
    preparation = Preparation(flow=FlowSettings(method="raft")).with_size(70)
    preparer = FlowPreparer(preparation)
    coded = preparer.between(colour(), colour(), VIEW)
    expected = 3 * 70 / 144
    assert np.allclose(decode_flow(coded, preparation.bound_px)[..., 0], expected, atol=0.03)


def test_raft_without_its_weights_says_what_to_download_and_where(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(flow_raft, "_loaded", {})

    def offline(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(FsamtError, match="RAFT") as refused:
        FlowPreparer(Preparation(flow=FlowSettings(method="raft")))
    assert "raft_large" in refused.value.hint
    assert str(tmp_path / "checkpoints") in refused.value.hint


@pytest.mark.parametrize("at_once", [1, 2, 16])
def test_flow_in_order_is_the_same_however_many_are_computed_at_once(monkeypatch, at_once):
    monkeypatch.setattr(FlowPreparer, "at_once", at_once)
    preparation = Preparation().with_size(SIZE)
    pictures = [colour((x, 0.0)) for x in (0, 1, 3, 6)]
    partners = [0, 0, 1, 2, 2, 3]
    in_order = FlowInOrder(preparation)
    given = []
    for partner in partners:
        given += in_order.push(pictures[partner], VIEW)
    given += in_order.finish()
    each = [FlowPreparer(preparation).between(*pictures[i : i + 2], VIEW) for i in range(3)]
    expected = [each[i] for i in (0, 0, 0, 1, 1, 2)]
    assert np.array_equal(given, expected)


def test_a_single_picture_has_no_motion():
    in_order = FlowInOrder(Preparation().with_size(SIZE))
    picture = colour()
    assert [*in_order.push(picture, VIEW), *in_order.push(picture, VIEW)] == []
    still = list(in_order.finish())
    assert len(still) == 2
    assert (np.array(still) == flow.STILL).all()
