"""What a clip is read as."""

import numpy as np

from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.library import Library
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.cache import prepared_take
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import (
    Crop,
    CropMode,
    DepthPreparation,
    Modality,
    Preparation,
)

PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


def test_flow_of_a_clip_frame_is_the_mean_since_the_one_before(square_library: Library) -> None:
    take_id = take_ids_with_pairs(square_library)[0]
    shape = ClipShape(n_frames=3, step=4, size=16)
    reader = ClipReader(square_library, Modality.FLOW, PREPARATION, shape)
    stored = prepared_take(square_library, take_id, Modality.FLOW, PREPARATION)
    clip = reader.clip(Window(take_id, 5, len(stored)))
    expected = np.rint(stored[6:10].mean(axis=0, dtype=np.float32))
    assert np.array_equal(clip[1], expected)
    assert clip.dtype == np.uint8


def test_clip_at_the_start_of_a_take_reaches_back_no_further(square_library: Library) -> None:
    take_id = take_ids_with_pairs(square_library)[0]
    reader = ClipReader(square_library, Modality.FLOW, PREPARATION, ClipShape(3, 4, 16))
    stored = prepared_take(square_library, take_id, Modality.FLOW, PREPARATION)
    assert np.array_equal(reader.clip(Window(take_id, 0, len(stored)))[0], stored[0])
