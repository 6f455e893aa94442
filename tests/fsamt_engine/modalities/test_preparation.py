import json

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.modalities.preparation import (
    Crop,
    DepthPreparation,
    FlowSettings,
    Modality,
    Preparation,
)

REGION = Preparation(
    depth=DepthPreparation(
        size=112, crop=Crop("region", (0.1, 0.2, 0.7, 0.9)), relative=False, far_m=4.0
    ),
    flow=FlowSettings(preset="fast"),
)


@pytest.mark.parametrize("preparation", [Preparation(), REGION])
def test_settings_survive_json(preparation):
    stored = json.loads(json.dumps(preparation.to_dict()))
    again = Preparation.from_dict(stored)
    assert again == preparation
    assert again.key() == preparation.key()


def test_the_key_of_depth_ignores_how_flow_is_computed():
    other = Preparation(flow=FlowSettings(preset="fast"))
    assert Preparation().key(Modality.DEPTH) == other.key(Modality.DEPTH)
    assert Preparation().key(Modality.FLOW) != other.key(Modality.FLOW)
    assert Preparation().key() != other.key()


def test_every_depth_setting_changes_the_key():
    variants = [
        DepthPreparation(size=112),
        DepthPreparation(crop=Crop(side_m=2.0)),
        DepthPreparation(range_m=1.0),
        DepthPreparation(relative=False),
    ]
    keys = {Preparation(depth=v).key(Modality.DEPTH) for v in [DepthPreparation(), *variants]}
    assert len(keys) == len(variants) + 1


def test_an_unknown_flow_method_is_refused_in_a_sentence():
    with pytest.raises(FsamtError, match=r"flow method called 'farneback'.*dis"):
        FlowSettings(method="farneback")


def test_relative_depth_without_a_person_is_refused():
    with pytest.raises(FsamtError, match="person crop"):
        DepthPreparation(crop=Crop("frame"))


@pytest.mark.parametrize("region", [(0.5, 0.0, 0.5, 1.0), (0.0, 0.0, 1.2, 1.0)])
def test_a_region_that_is_no_part_of_the_frame_is_refused(region):
    with pytest.raises(FsamtError, match="not a part of the frame"):
        Crop("region", region)


def test_a_region_without_numbers_is_refused():
    with pytest.raises(FsamtError, match="region"):
        Crop("region")


@pytest.mark.parametrize("damage", [{"version": 99}, {"depth": None}, {"depth": {"size": 64}}])
def test_a_stored_preparation_that_does_not_fit_is_refused(damage):
    with pytest.raises(FsamtError):
        Preparation.from_dict(Preparation().to_dict() | damage)
