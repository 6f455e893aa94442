"""A frame's middle, and flow of a clip's own frames, as published networks have them."""

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.library import Library
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.boxes import Box, still_view
from fsamt_engine.modalities.cache import prepared_take
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import (
    Crop,
    CropMode,
    DepthPreparation,
    FlowSettings,
    Modality,
    Preparation,
)

WHOLE = DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False)


@pytest.mark.parametrize(
    ("share", "box"), [(1.0, Box(104, 0, 744, 640)), (7 / 8, Box(144, 40, 704, 600))]
)
def test_the_middle_of_a_frame_is_a_square_of_its_short_side(share: float, box: Box) -> None:
    view = still_view(Crop(mode=CropMode.CENTRE, centre_share=share), 848, 640)
    assert view.box == view.limits == box


def test_a_takes_own_region_narrows_the_middle() -> None:
    view = still_view(Crop(mode=CropMode.CENTRE), 800, 600, (0.0, 0.0, 0.5, 1.0))
    assert view.limits == Box(100, 0, 400, 600)


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(FsamtError):
        Crop(mode=CropMode.CENTRE, centre_share=share)


def test_what_was_prepared_before_keeps_its_key() -> None:
    """Taken from the version before there were published teachers."""
    assert Preparation().key() == "891813457ad535b0"
    assert Preparation().key(Modality.DEPTH) == "0abb1560b00d9ca0"


def test_what_is_new_survives_json_and_has_a_key_of_its_own() -> None:
    crop = Crop(mode=CropMode.CENTRE, centre_share=7 / 8)
    preparation = Preparation(
        DepthPreparation(crop=crop, relative=False), FlowSettings(of_frames_alone=True)
    )
    assert Preparation.from_dict(preparation.to_dict()) == preparation
    whole = Preparation(DepthPreparation(crop=Crop(mode=CropMode.CENTRE), relative=False))
    assert len({one.key() for one in (preparation, whole, Preparation())}) == 3


def test_published_flow_is_that_of_the_clips_own_frames(square_library: Library) -> None:
    take = take_ids_with_pairs(square_library)[0]
    alone, mean = (
        Preparation(WHOLE, FlowSettings(of_frames_alone=wanted)) for wanted in (True, False)
    )
    shape = ClipShape(n_frames=4, step=4, size=16)
    array = prepared_take(square_library, take, Modality.FLOW, alone)
    clip = ClipReader(square_library, Modality.FLOW, alone, shape).clip(Window(take, 3, 20))
    np.testing.assert_array_equal(clip, array[[3, 7, 11, 15]])
    usual = ClipReader(square_library, Modality.FLOW, mean, shape).clip(Window(take, 3, 20))
    assert np.abs(usual.astype(int) - clip.astype(int)).max() > 0
