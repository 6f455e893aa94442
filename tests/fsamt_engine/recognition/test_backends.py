import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.recognition.backends import Candidate, OnnxBackend, choose, example_clips

CLIPS = [np.full((2, 4, 4), value, np.float16) for value in (0.1, 0.2, 0.3)]


class Network:
    def __init__(self, name, off=0.0, ms=0.0):
        self.name, self._off, self._ms = name, off, ms

    def probabilities(self, clip):
        # Work instead of sleep: a busy machine slows all of them down alike.
        for _ in range(int(self._ms * 20)):
            np.sort(np.arange(5000)[::-1])
        mean = float(clip.mean())
        return np.array([mean + self._off, 1 - mean - self._off], np.float32)


def candidates(*networks):
    return [Candidate(network.name, lambda network=network: network) for network in networks]


def test_the_fastest_that_is_right_wins():
    slow, fast = Network("slow", ms=10), Network("fast")
    chosen, measured = choose(slow, candidates(slow, fast), CLIPS)
    assert chosen is fast
    assert [(one.name, one.chosen) for one in measured] == [("fast", True), ("slow", False)]
    assert measured[0].ms < measured[1].ms
    assert measured[1].reason == "Slower."


def test_what_else_the_computer_does_meanwhile_changes_nothing():
    class Disturbed(Network):
        """Takes long in half of its runs."""

        n_runs = 0

        def probabilities(self, clip):
            self.n_runs += 1
            self._ms = 20 if self.n_runs % 2 else 0.1
            return super().probabilities(clip)

    steady, disturbed = Network("steady", ms=3), Disturbed("disturbed")
    assert choose(steady, candidates(steady, disturbed), CLIPS)[0] is disturbed


def test_one_that_answers_otherwise_is_left_out_however_fast():
    right, wrong = Network("right", ms=5), Network("wrong", off=0.05)
    chosen, measured = choose(right, candidates(right, wrong), CLIPS)
    assert chosen is right
    assert measured[1].ms is None
    assert "differ by up to 0.05" in measured[1].reason


def test_one_that_gives_no_numbers_is_left_out():
    right, broken = Network("right", ms=1), Network("broken", off=float("nan"))
    assert choose(right, candidates(broken, right), CLIPS)[0] is right


def test_one_that_this_computer_cannot_build_says_why():
    right = Network("right")

    def missing():
        raise ImportError("No module named 'runtime'")

    def broken():
        raise RuntimeError("CUDA driver too old\nstack trace")

    tried = [
        Candidate("missing", missing),
        Candidate("broken", broken),
        *candidates(right),
    ]
    chosen, measured = choose(right, tried, CLIPS)
    assert chosen is right
    reasons = {one.name: one.reason for one in measured}
    assert reasons["missing"] == "It is not installed."
    assert reasons["broken"] == "CUDA driver too old"


def test_a_gpu_that_onnx_runtime_cannot_use_is_refused_and_not_replaced_in_silence(tmp_path):
    path = tmp_path / "network.onnx"
    path.write_bytes(onnx_of_clips())
    with (
        pytest.warns(UserWarning, match="NoSuchExecutionProvider"),
        pytest.raises(FsamtError, match="cannot use the GPU"),
    ):
        OnnxBackend(str(path), "NoSuchExecutionProvider", "GPU", 1)
    on_cpu = OnnxBackend(str(path), "CPUExecutionProvider", "CPU, 1 thread", 1)
    assert on_cpu.name == "ONNX Runtime, CPU, 1 thread"
    assert on_cpu.probabilities(CLIPS[0]).shape == (2,)


def onnx_of_clips():
    """A network that gives the first pixel and its rest to 1."""
    from onnx import TensorProto, helper

    clips = helper.make_tensor_value_info("clips", TensorProto.FLOAT, ["batch", 2, 4, 4])
    out = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])
    nodes = [
        helper.make_node("ReduceMean", ["clips", "axes"], ["mean"], keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "last"], ["first"]),
        helper.make_node("Sub", ["one", "first"], ["second"]),
        helper.make_node("Concat", ["first", "second"], ["probabilities"], axis=1),
    ]
    known = [
        helper.make_tensor("axes", TensorProto.INT64, [3], [1, 2, 3]),
        helper.make_tensor("last", TensorProto.INT64, [1], [1]),
        helper.make_tensor("one", TensorProto.FLOAT, [], [1.0]),
    ]
    graph = helper.make_graph(nodes, "network", [clips], [out], known)
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()


def test_a_model_that_gives_no_numbers_is_refused():
    broken = Network("broken", off=float("nan"))
    with pytest.raises(FsamtError, match="no usable answers"):
        choose(broken, candidates(broken), CLIPS)


def test_it_says_what_it_measures():
    said = []
    right = Network("right")
    choose(right, candidates(right), CLIPS, said.append)
    assert [progress.what for progress in said] == ["Measuring right"]


def test_the_clips_to_compare_with_are_like_prepared_depth():
    clips = example_clips(ClipShape(n_frames=5, step=3, size=24))
    assert all(clip.shape == (5, 24, 24) and clip.dtype == np.float16 for clip in clips)
    assert all(clip.min() >= 0 and clip.max() <= 1 for clip in clips)
    assert any((clip[0] != clip[-1]).any() for clip in clips)
