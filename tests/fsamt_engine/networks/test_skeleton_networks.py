"""ST-GCN and 2s-AGCN against networks written down from their papers, in the published layouts."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks import (
    ActionNetwork,
    build,
    layout_of,
    network_names,
    restore,
    skeleton_network,
    spec,
    start_from,
)
from fsamt_engine.networks.skeleton_graph import (
    directed_partition,
    distinct_bodies,
    spatial_partition,
)

PLAN = [(3, 64, 1), (64, 64, 1), (64, 64, 1), (64, 64, 1), (64, 128, 2)]
PLAN += [(128, 128, 1), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 256, 1)]
NAMES = network_names("skeleton")

Shapes = dict[str, tuple[int, ...]]


def _norm(key: str, width: int) -> Shapes:
    shapes: Shapes = {
        f"{key}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")
    }
    return {**shapes, f"{key}.num_batches_tracked": ()}


def _convolution(key: str, outputs: int, inputs: int, kernel: int = 1) -> Shapes:
    return {f"{key}.weight": (outputs, inputs, kernel, 1), f"{key}.bias": (outputs,)}


def published_stgcn(n_joints: int = 25, n_actions: int = 60) -> Shapes:
    """Keys and shapes of ST-GCN's published weights (net/st_gcn.py of yysijie/st-gcn)."""
    shapes: Shapes = {"A": (3, n_joints, n_joints), **_norm("data_bn", 3 * n_joints)}
    for number, (inputs, outputs, stride) in enumerate(PLAN):
        at = f"st_gcn_networks.{number}"
        shapes |= _convolution(f"{at}.gcn.conv", 3 * outputs, inputs)
        shapes |= _norm(f"{at}.tcn.0", outputs) | _norm(f"{at}.tcn.3", outputs)
        shapes |= _convolution(f"{at}.tcn.2", outputs, outputs, 9)
        if number and (inputs != outputs or stride != 1):
            shapes |= _convolution(f"{at}.residual.0", outputs, inputs)
            shapes |= _norm(f"{at}.residual.1", outputs)
        shapes[f"edge_importance.{number}"] = (3, n_joints, n_joints)
    return shapes | _convolution("fcn", n_actions, 256)


def published_agcn(n_joints: int = 25, n_actions: int = 60) -> Shapes:
    """Keys and shapes of AGCN's published weights (model/agcn.py of lshiwjx/2s-AGCN)."""
    shapes = _norm("data_bn", 2 * 3 * n_joints)
    for number, (inputs, outputs, stride) in enumerate(PLAN, start=1):
        gcn, tcn, residual = (f"l{number}.{part}" for part in ("gcn1", "tcn1", "residual"))
        shapes[f"{gcn}.PA"] = (3, n_joints, n_joints)
        for subset in range(3):
            shapes |= _convolution(f"{gcn}.conv_a.{subset}", outputs // 4, inputs)
            shapes |= _convolution(f"{gcn}.conv_b.{subset}", outputs // 4, inputs)
            shapes |= _convolution(f"{gcn}.conv_d.{subset}", outputs, inputs)
        if inputs != outputs:
            shapes |= _convolution(f"{gcn}.down.0", outputs, inputs)
            shapes |= _norm(f"{gcn}.down.1", outputs)
        shapes |= _norm(f"{gcn}.bn", outputs)
        shapes |= _convolution(f"{tcn}.conv", outputs, outputs, 9) | _norm(f"{tcn}.bn", outputs)
        if number > 1 and (inputs != outputs or stride != 1):
            shapes |= _convolution(f"{residual}.conv", outputs, inputs)
            shapes |= _norm(f"{residual}.bn", outputs)
    return shapes | {"fc.weight": (n_actions, 256), "fc.bias": (n_actions,)}


def filled(shapes: Shapes, seed: int = 0) -> dict[str, Tensor]:
    """Numbers in these shapes, such that activations neither vanish nor explode."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for key, shape in shapes.items():
        values = torch.randn(shape, generator=generator, dtype=torch.float64)
        fan_in = values[0].numel() if values.ndim > 1 else 1
        if key.endswith("num_batches_tracked"):
            values = torch.tensor(7)
        elif key.endswith(("running_var", "data_bn.weight", "bn.weight")) or "importance" in key:
            values = 1 + 0.1 * values.abs()
        elif key == "A" or key.endswith("PA"):
            values = values.abs() / 25
        else:
            values = values / max(1, fan_in) ** 0.5 if values.ndim > 1 else 0.1 * values
        state[key] = values
    return state


def clips(n_joints: int = 25, n_frames: int = 21, n_bodies: int = 2) -> Tensor:
    values = torch.randn(3, 3, n_frames, n_joints, 2, generator=torch.Generator().manual_seed(1))
    values[..., n_bodies:] = 0
    return values


def as_norm(x: Tensor, state: dict[str, Tensor], key: str) -> Tensor:
    parts = (state[f"{key}.{p}"] for p in ("running_mean", "running_var", "weight", "bias"))
    return F.batch_norm(x, *parts)


def as_convolution(x: Tensor, state: dict[str, Tensor], key: str, stride: int = 1) -> Tensor:
    weight = state[f"{key}.weight"]
    return F.conv2d(x, weight, state[f"{key}.bias"], (stride, 1), (weight.shape[2] // 2, 0))


def stgcn_by_the_paper(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """Logits; f_out is the sum over subsets k of (A_k o M_k) f_in W_k, then convolved in time."""
    n, c, t, v, m = x.shape
    x = x.permute(0, 4, 3, 1, 2).reshape(n * m, v * c, t)
    x = as_norm(x, state, "data_bn").reshape(n * m, v, c, t).permute(0, 2, 3, 1)
    for number, (inputs, outputs, stride) in enumerate(PLAN):
        at = f"st_gcn_networks.{number}"
        links = state["A"] * state[f"edge_importance.{number}"]
        weight, bias = state[f"{at}.gcn.conv.weight"], state[f"{at}.gcn.conv.bias"]
        y = x.new_zeros(n * m, outputs, x.shape[2], v)
        for k in range(3):
            rows = slice(k * outputs, (k + 1) * outputs)
            y = y + F.conv2d(x, weight[rows], bias[rows]) @ links[k]
        y = F.relu(as_norm(y, state, f"{at}.tcn.0"))
        y = as_norm(as_convolution(y, state, f"{at}.tcn.2", stride), state, f"{at}.tcn.3")
        if number and (inputs != outputs or stride != 1):
            x = as_convolution(x, state, f"{at}.residual.0", stride)
            y = y + as_norm(x, state, f"{at}.residual.1")
        elif number:
            y = y + x
        x = F.relu(y)
    pooled = x.mean((2, 3)).reshape(n, m, -1).mean(1)
    return pooled @ state["fcn.weight"][:, :, 0, 0].T + state["fcn.bias"]


def agcn_by_the_paper(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """Logits; neighbourhoods A + B + C_k, C_k the softmax of embedded products."""
    n, c, t, v, m = x.shape
    x = x.permute(0, 4, 3, 1, 2).reshape(n, m * v * c, t)
    x = as_norm(x, state, "data_bn").reshape(n, m, v, c, t)
    x = x.permute(0, 1, 3, 4, 2).reshape(n * m, c, t, v)
    links = directed_partition(layout_of(v)).to(x.dtype)
    for number, (inputs, outputs, stride) in enumerate(PLAN, start=1):
        gcn, residual = f"l{number}.gcn1", f"l{number}.residual"
        y = x.new_zeros(n * m, outputs, x.shape[2], v)
        for k in range(3):
            one = as_convolution(x, state, f"{gcn}.conv_a.{k}").permute(0, 3, 1, 2).flatten(2)
            other = as_convolution(x, state, f"{gcn}.conv_b.{k}").flatten(1, 2)
            alike = (one @ other / one.shape[2]).softmax(1)
            graph = links[k] + state[f"{gcn}.PA"][k] + alike
            y = y + as_convolution(x @ graph[:, None], state, f"{gcn}.conv_d.{k}")
        y = as_norm(y, state, f"{gcn}.bn")
        if inputs != outputs:
            y = y + as_norm(as_convolution(x, state, f"{gcn}.down.0"), state, f"{gcn}.down.1")
        else:
            y = y + x
        y = as_convolution(F.relu(y), state, f"l{number}.tcn1.conv", stride)
        y = as_norm(y, state, f"l{number}.tcn1.bn")
        if number > 1 and (inputs != outputs or stride != 1):
            x = as_convolution(x, state, f"{residual}.conv", stride)
            y = y + as_norm(x, state, f"{residual}.bn")
        elif number > 1:
            y = y + x
        x = F.relu(y)
    pooled = x.mean((2, 3)).reshape(n, m, -1).mean(1)
    return pooled @ state["fc.weight"].T + state["fc.bias"]


def shapes_of(state: dict[str, Tensor]) -> Shapes:
    return {key: tuple(value.shape) for key, value in state.items()}


@pytest.mark.parametrize("n_joints", [25, 20])
def test_stgcn_has_the_published_keys_but_for_the_classifier(n_joints: int) -> None:
    with torch.device("meta"):
        network = build(skeleton_network("stgcn", n_joints), 3, n_actions=60)
    published = published_stgcn(n_joints)
    assert published.pop("fcn.weight") == (60, 256, 1, 1)
    assert published.pop("fcn.bias") == (60,)
    own = shapes_of(network.state_dict())
    assert own == {**published, "fc.weight": (60, 256), "fc.bias": (60,)}


@pytest.mark.parametrize("kind", ["agcn", "agcn_bone"])
@pytest.mark.parametrize("n_joints", [25, 20])
def test_agcn_has_the_published_keys(kind: str, n_joints: int) -> None:
    with torch.device("meta"):
        network = build(skeleton_network(kind, n_joints), 3, n_actions=60)
    assert shapes_of(network.state_dict()) == published_agcn(n_joints)


def test_two_streams_have_the_published_keys_behind_joint_and_bone() -> None:
    with torch.device("meta"):
        network = build("2s_agcn", 3)
    one = {k: v for k, v in published_agcn().items() if not k.startswith("fc.")}
    both = {f"{stream}.{k}": v for stream in ("joint", "bone") for k, v in one.items()}
    assert shapes_of(network.state_dict()) == both


@pytest.mark.parametrize("n_bodies", [2, 1, 0])
def test_published_stgcn_weights_give_the_papers_answer(n_bodies: int) -> None:
    state = filled(published_stgcn())
    network = build("stgcn", 3, seed=1).double()
    restore(network, {f"module.{key}": value for key, value in state.items()})
    with torch.no_grad():
        given = clips(n_bodies=n_bodies).double()
        ours, theirs = network.eval()(given), stgcn_by_the_paper(state, given)
    assert theirs.std() > 0.01
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", ["agcn", "agcn_bone"])
@pytest.mark.parametrize("n_bodies", [2, 1, 0])
def test_published_agcn_weights_give_the_papers_answer(kind: str, n_bodies: int) -> None:
    state = filled(published_agcn())
    network = build(kind, 3, seed=1).double()
    restore(network, state)
    given = clips(n_bodies=n_bodies).double()
    given[0, ..., 1] = 0  # a mixture: some clips of the batch have a second body, others have not
    if kind == "agcn_bone":
        bones = torch.zeros_like(given)
        for joint, parent in layout_of(25).bones:
            bones[:, :, :, joint] = given[:, :, :, joint] - given[:, :, :, parent]
        theirs = agcn_by_the_paper(state, bones)
    else:
        theirs = agcn_by_the_paper(state, given)
    with torch.no_grad():
        ours = network.eval()(given)
    assert theirs.std() > 0.01
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-8)


def test_one_classifier_on_two_streams_is_the_sum_of_their_scores() -> None:
    states = {"joint": filled(published_agcn(), 1), "bone": filled(published_agcn(), 2)}
    both = {
        f"{stream}.{key}": value
        for stream, state in states.items()
        for key, value in state.items()
        if not key.startswith("fc.")
    }
    both["fc.weight"] = torch.cat([state["fc.weight"] for state in states.values()], 1)
    both["fc.bias"] = states["joint"]["fc.bias"] + states["bone"]["fc.bias"]
    together = build("2s_agcn", 3).double()
    restore(together, both)
    scores = []
    for kind, state in (("agcn", states["joint"]), ("agcn_bone", states["bone"])):
        stream = build(kind, 3).double()
        restore(stream, state)
        scores.append(stream.eval()(clips().double()))
    torch.testing.assert_close(together.eval()(clips().double()), sum(scores), rtol=1e-6, atol=1e-8)


def test_spatial_partition_is_itself_outward_and_inward_of_one_mean() -> None:
    itself, outer, inner = spatial_partition(layout_of(25))
    torch.testing.assert_close((itself + outer + inner).sum(0), torch.ones(25))
    # The hip (0) hears the two thighs (12, 16) and the spine (1), which leads to the centre (20).
    assert (itself[0, 0], outer[12, 0], outer[16, 0], inner[1, 0]) == (0.25, 0.25, 0.25, 0.25)
    assert outer[1, 0] == inner[12, 0] == 0


def test_directed_partition_has_the_order_of_2s_agcn() -> None:
    itself, inner, outer = directed_partition(layout_of(25))
    assert torch.equal(itself, torch.eye(25))
    assert inner[1, 0] == 1
    assert inner[:, 20].sum() == 0  # nothing is nearer to the centre than itself
    assert outer[12, 0] == outer[16, 0] == 0.5
    assert outer[[1, 2, 4, 8], 20].tolist() == [0.25] * 4


@pytest.mark.parametrize("name", NAMES)
def test_spec_tells_what_a_skeleton_network_is(name: str) -> None:
    known = spec(name)
    assert known.n_joints is not None
    network = build(name, 3, n_actions=7).eval()
    with torch.no_grad():
        embeddings = network.embed(clips(known.n_joints)[:2])
        assert network(clips(known.n_joints)[:2]).shape == (2, 7)
    assert embeddings.shape == (2, known.embedding_dim)
    network.set_actions(1)
    backbone = sum(p.numel() for p in network.parameters()) - known.embedding_dim - 1
    assert backbone == known.n_parameters
    assert network.first_convolution in network.state_dict()


@pytest.mark.parametrize("name", ["stgcn_tiny_20", "stgcn_20", "agcn_20", "2s_agcn_20"])
def test_embedding_is_not_below_0_and_finite_for_one_body_or_none(name: str) -> None:
    network = build(name, 3, seed=0).eval()
    for n_bodies in (2, 1, 0):
        with torch.no_grad():
            found = network.embed(clips(20, n_frames=16, n_bodies=n_bodies))
        assert found.isfinite().all()
        assert (found >= 0).all()
        assert n_bodies == 0 or found.std() > 0


def test_bodies_that_are_not_there_are_computed_once_a_batch() -> None:
    given = clips(n_bodies=1)
    given[1, ..., 1] = 1
    given[2, ..., 0] = 0
    rows, places = distinct_bodies(given)
    # Clip 0 has its first body, clip 1 both, clip 2 none: its first one and clip 0's second one
    # stand for those that are not there.
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert places.tolist() == [0, 1, 2, 3, 4, 1]


def test_tiny_leaves_out_bodies_that_are_not_there() -> None:
    network = build("stgcn_tiny_20", 3, seed=0).eval()
    alone, both = clips(20, n_bodies=1), clips(20)
    second = both.flip(4)
    second[..., 1] = 0
    mixed = torch.cat([alone, both, second.flip(4)])
    with torch.no_grad():
        first, other = network.embed(alone), network.embed(second)
        found = network.embed(mixed)
    torch.testing.assert_close(found[6:], other, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(found[:3], first, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(found[3:6], (first + other) / 2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["stgcn_tiny_20", "agcn_20"])
def test_a_few_steps_learn_a_handful_of_skeletons(name: str) -> None:
    network = build(name, 3, n_actions=2, seed=0).train()
    given = torch.randn(8, 3, 8, 20, 2, generator=torch.Generator().manual_seed(0))
    given[1::2] *= torch.linspace(0.2, 2, 8).view(1, 1, 8, 1, 1)
    truth = torch.tensor([0, 1] * 4)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    losses = [_step(network, optimiser, given, truth) for _ in range(10)]
    assert losses[-1] < losses[0] / 4


def _step(
    network: ActionNetwork, optimiser: torch.optim.Optimizer, given: Tensor, truth: Tensor
) -> float:
    loss = F.cross_entropy(network(given), truth)
    optimiser.zero_grad()
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    optimiser.step()
    return float(loss.detach())


def test_a_transferred_skeleton_network_starts_another() -> None:
    one, other = build("stgcn_tiny_20", 3, n_actions=9, seed=1), build("stgcn_tiny_20", 3, seed=2)
    start_from(other, one.state_dict())
    assert torch.equal(other.embed(clips(20)), one.embed(clips(20)))
    with pytest.raises(FsamtError, match="do not fit"):
        start_from(build("stgcn_tiny", 3), one.state_dict())


def test_network_of_a_kind_is_found_by_its_number_of_joints() -> None:
    assert skeleton_network("stgcn", 25) == skeleton_network("stgcn_20", 25) == "stgcn"
    assert skeleton_network("2s_agcn", 20) == skeleton_network("2s_agcn_20", 20) == "2s_agcn_20"
    with pytest.raises(FsamtError, match=r'skeletons called "r3d_tiny".*stgcn'):
        skeleton_network("r3d_tiny", 25)
    with pytest.raises(FsamtError, match="18 joints"):
        skeleton_network("stgcn", 18)


def test_video_and_skeleton_networks_are_told_apart() -> None:
    assert network_names()[0] == "r3d_tiny"
    assert not set(network_names()) & set(NAMES)
    with pytest.raises(ValueError, match="3 channels"):
        build("stgcn", 1)
