"""Which lines a table has, with trained and with given teachers; nothing is trained here."""

from dataclasses import replace

import pytest

from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.command import command_of
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.methods import lines_of
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.learning import Granularity, Start
from fsamt_engine.library import Library, ModelKind, ModelRecord

SETTINGS = ExperimentSettings(
    kind=ExperimentKind.CLASSIFICATION,
    source_actions=("across", "down"),
    target_actions=("diagonal", "still"),
    train_participants=("P1", "P2"),
    test_participants=("P3",),
)


def given(name: str, modality: str, network: str, actions: tuple[str, ...] = ()) -> ModelRecord:
    return ModelRecord(
        id=name,
        key=name,
        kind=ModelKind.TEACHER,
        name=name,
        network=network,
        modality=modality,
        embedding_dim=8,
        actions=actions,
        path=f"models/{name}",
        method="published weights",
        created_at_us=0,
        settings={},
        metrics={},
        snapshot_id=None,
        parent_id=None,
    )


KINETICS = given("teacher-kinetics", "flow", "resnext3d_101", ("a", "b"))
EMBEDDER = given("teacher-embedder", "rgb", "videomae")
CALLED = {KINETICS.id: "Kinetics-400, flow", EMBEDDER.id: "VideoMAE, rgb"}


def test_distillation_as_published_gets_a_teacher_that_knows_the_target_actions() -> None:
    lines = lines_of(SETTINGS, ["r3d_tiny"], [], {})
    knowing = [m.name for m in lines.methods if m.teacher and m.teacher.knows_target]
    assert knowing == ["soft targets, same actions", "hard labels + mutual learning, same actions"]
    assert all("same actions" in name for name in knowing)
    granularities = {m.transfer.granularity for m in lines.methods if m.transfer}
    assert granularities == {Granularity.VIDEO_CLIP}


def test_given_teacher_replaces_those_of_its_modality() -> None:
    settings = replace(SETTINGS, kind=ExperimentKind.SOURCE_MODALITY)
    lines = lines_of(settings, ["r3d_tiny"], [KINETICS], CALLED)
    assert [m.teacher.name for m in lines.methods if m.teacher] == ["rgb teacher", KINETICS.id]


def test_line_that_cannot_be_is_left_out_with_its_reason() -> None:
    lines = lines_of(SETTINGS, ["r3d_tiny"], [KINETICS], CALLED)
    assert "flow pretraining" not in [method.name for method in lines.methods]
    assert "is a resnext3d_101, and the recognisers are r3d_tiny" in lines.left_out[0]
    skeleton = replace(SETTINGS, target_modality="skeleton")
    assert "cannot take weights for video" in lines_of(skeleton, ["stgcn"], [], {}).left_out[0]


def test_pretraining_of_another_network_gets_a_teacher_of_its_own() -> None:
    lines = lines_of(SETTINGS, ["x3d_s"], [], {})
    (pretrained,) = [one for one in lines.methods if one.name == "flow pretraining"]
    assert pretrained.teacher is not None
    assert (pretrained.teacher.network, pretrained.network) == ("x3d_s", "x3d_s")


def test_tables_between_data_sets_have_lines_for_each_teacher() -> None:
    settings = replace(SETTINGS, kind=ExperimentKind.KINETICS_TO_NTU)
    names = [
        m.name for m in lines_of(settings, ["resnext3d_101"], [KINETICS, EMBEDDER], CALLED).methods
    ]
    assert names == [
        "from scratch",
        "flow pretraining (Kinetics-400, flow)",
        "ours (Kinetics-400, flow)",
        "ours (VideoMAE, rgb)",
    ]
    with pytest.raises(FsamtError, match="pretrained before"):
        lines_of(settings, ["r3d_tiny"], [], {})


def test_unknown_line_is_refused_with_those_that_there_are() -> None:
    settings = replace(SETTINGS, methods=("our",))
    with pytest.raises(FsamtError, match=r'no line "our".*from scratch; flow pretraining'):
        lines_of(settings, ["r3d_tiny"], [], {})


DETECTION = replace(SETTINGS, kind=ExperimentKind.DETECTION)


def test_detection_table_has_every_start_with_each_head() -> None:
    lines = lines_of(DETECTION, ["r3d_tiny"], [], {})
    assert [(method.name, method.start, method.head) for method in lines.methods] == [
        ("from scratch, R-C3D", Start.SCRATCH, DetectionHead.R_C3D),
        ("flow pretraining, R-C3D", Start.FLOW_PRETRAINING, DetectionHead.R_C3D),
        ("ours, R-C3D", Start.TRANSFER, DetectionHead.R_C3D),
        ("from scratch, anchor-free", Start.SCRATCH, DetectionHead.ANCHOR_FREE),
        ("flow pretraining, anchor-free", Start.FLOW_PRETRAINING, DetectionHead.ANCHOR_FREE),
        ("ours, anchor-free", Start.TRANSFER, DetectionHead.ANCHOR_FREE),
    ]
    # One teacher and one transfer serve both heads.
    assert len({method.transfer for method in lines.methods if method.transfer}) == 1
    assert len({method.teacher for method in lines.methods if method.teacher}) == 1


def test_one_head_can_be_chosen_and_an_unknown_one_cannot() -> None:
    lines = lines_of(replace(DETECTION, heads=("anchor-free",)), ["r3d_tiny"], [], {})
    assert {method.head for method in lines.methods} == {DetectionHead.ANCHOR_FREE}
    with pytest.raises(FsamtError, match='no head "yolo"'):
        replace(DETECTION, heads=("yolo",))
    with pytest.raises(FsamtError, match=r"overlap of 0\.42"):
        replace(DETECTION, overlap=0.42)


def test_network_without_feature_maps_has_no_r_c3d() -> None:
    skeletons = replace(DETECTION, target_modality="skeleton")
    lines = lines_of(skeletons, ["stgcn_tiny"], [], {})
    assert [method.name for method in lines.methods] == [
        "from scratch, anchor-free",
        "ours, anchor-free",
    ]
    assert any("no R-C3D: a stgcn_tiny has no feature maps" in said for said in lines.left_out)
    with pytest.raises(FsamtError, match="There can be no R-C3D"):
        lines_of(replace(skeletons, heads=("r-c3d",)), ["stgcn_tiny"], [], {})


def test_skeleton_table_receives_skeletons_whatever_was_asked() -> None:
    assert replace(SETTINGS, kind=ExperimentKind.SKELETON).target_modality == "skeleton"
    with pytest.raises(FsamtError, match="cannot receive rgb"):
        replace(SETTINGS, target_modality="rgb")


def test_key_of_a_table_of_version_1_stays() -> None:
    # Computed with commit 796e7aa.
    old = "b244c417a4d8f34a53f0acf75ca3a77f03b1c31f5db24b000ae9896d8d1fca32"
    assert SETTINGS.key == old
    assert replace(SETTINGS, teachers=("teacher-1",)).key != old
    assert replace(SETTINGS, heads=("anchor-free",)).key != old
    assert replace(SETTINGS, overlap=0.3).key != old


def test_settings_are_read_again_and_newer_ones_refused() -> None:
    changed = replace(SETTINGS, methods=("ours",), granularity=Granularity.CLIP, protocol="x")
    assert ExperimentSettings.from_dict(changed.to_dict()) == changed
    with pytest.raises(FsamtError, match="cannot be read"):
        ExperimentSettings.from_dict({**SETTINGS.to_dict(), "unheard_of": 1})


def test_command_names_what_differs(square_library: Library) -> None:
    settings = replace(SETTINGS, methods=("soft targets, same actions",), finetune_steps=7)
    words = command_of(settings, square_library.root)
    assert words.startswith("fsamt experiment classification --library ")
    assert "--method 'soft targets, same actions' --steps-finetune 7" in words
    assert "--pairs" not in words
    assert "--protocol utd" in command_of(replace(SETTINGS, protocol="utd"), square_library.root)
