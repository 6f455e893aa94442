"""Each loss of the transfer against its formula, written out."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning import Granularity, TransferLoss
from fsamt_engine.learning.matching import MatchingLoss, Wanted, matching_loss
from fsamt_engine.networks import ActionNetwork, build

DIM, N_ACTIONS, N = 256, 5, 6


@pytest.fixture(scope="module")
def teacher() -> ActionNetwork:
    network = build("r3d_tiny", 2, N_ACTIONS, seed=0)
    assert network.classifier is not None
    with torch.no_grad():
        network.classifier.weight.mul_(30)
    return network


def drawn(seed: int, n: int = N) -> Tensor:
    return torch.rand(n, DIM, generator=torch.Generator().manual_seed(seed))


def whole(embeddings: Tensor) -> Wanted:
    return Wanted(embeddings, embeddings, torch.arange(len(embeddings)))


def value(matching: MatchingLoss, outputs: Tensor, of_clips: Tensor) -> float:
    return float(matching(outputs, whole(of_clips), whole(of_clips)))


def answers(teacher: ActionNetwork, embeddings: Tensor) -> Tensor:
    assert teacher.classifier is not None
    with torch.no_grad():
        logits: Tensor = teacher.classifier(embeddings)
    return logits


@pytest.mark.parametrize(
    ("granularity", "of_clips", "of_videos"),
    [("clip", 1, 0), ("video", 0, 1), ("video+clip", 1, 1)],
)
@pytest.mark.parametrize("loss", list(TransferLoss))
def test_granularity_says_which_side_is_matched(
    teacher: ActionNetwork, loss: TransferLoss, granularity: str, of_clips: int, of_videos: int
) -> None:
    matching = matching_loss(loss, Granularity(granularity), teacher)
    torch.manual_seed(0)
    outputs = torch.stack([matching.head(DIM)(drawn(1)) for _ in range(matching.n_students)], 1)
    outputs = outputs[:, 0] if matching.n_students == 1 else outputs
    clips, videos = whole(drawn(2)), whole(drawn(3))
    sides = [matching.match(outputs, clips)] * of_clips + [
        matching.match(outputs, videos)
    ] * of_videos
    assert torch.allclose(matching(outputs, clips, videos), torch.stack(sides).mean())


def test_cosine_and_mean_square_are_as_written(teacher: ActionNetwork) -> None:
    outputs, wanted = drawn(1), drawn(2)
    products = (outputs * wanted).sum(1) / (outputs.norm(dim=1) * wanted.norm(dim=1))
    cosine = matching_loss(TransferLoss.COSINE, Granularity.CLIP, teacher)
    assert value(cosine, outputs, wanted) == pytest.approx(float((1 - products).mean()), rel=1e-5)
    squares = matching_loss(TransferLoss.MSE, Granularity.CLIP, teacher)
    expected = float((outputs - wanted).square().mean())
    assert value(squares, outputs, wanted) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("temperature", [None, 0.5])
def test_infonce_asks_for_the_own_embedding_among_all(
    teacher: ActionNetwork, temperature: float | None
) -> None:
    outputs, wanted = drawn(1), drawn(2)
    matching = matching_loss(TransferLoss.INFONCE, Granularity.CLIP, teacher, temperature)
    expected = 0.0
    for i in range(N):
        scores = [
            math.exp(float(F.cosine_similarity(outputs[i], one, dim=0)) / (temperature or 0.1))
            for one in wanted
        ]
        expected -= math.log(scores[i] / sum(scores)) / N
    assert value(matching, outputs, wanted) == pytest.approx(expected, rel=1e-4)
    both = matching_loss(TransferLoss.INFONCE_COSINE, Granularity.CLIP, teacher, temperature)
    cosine = matching_loss(TransferLoss.COSINE, Granularity.CLIP, teacher)
    expected += value(cosine, outputs, wanted)
    assert value(both, outputs, wanted) == pytest.approx(expected, rel=1e-4)


def test_infonce_of_micro_batches_is_that_of_the_whole_step(teacher: ActionNetwork) -> None:
    outputs, wanted = drawn(1), drawn(2)
    matching = matching_loss(TransferLoss.INFONCE, Granularity.CLIP, teacher)
    places = torch.arange(N)
    parts = [
        matching.match(
            outputs[at : at + 2], Wanted(wanted[at : at + 2], wanted, places[at : at + 2])
        )
        for at in range(0, N, 2)
    ]
    assert float(torch.stack(parts).mean()) == pytest.approx(
        value(matching, outputs, wanted), rel=1e-5
    )


def test_relational_is_as_published(teacher: ActionNetwork) -> None:
    """Park et al., CVPR 2019, equations 6 to 10, triple by triple."""

    def relations(x: Tensor) -> tuple[Tensor, Tensor]:
        x = x.double()
        lengths = torch.tensor([[float((a - b).norm()) for b in x] for a in x])
        mean = lengths.sum() / (N * (N - 1))
        cosines = torch.zeros(N, N, N)
        for i in range(N):
            for j in range(N):
                for k in range(N):
                    if i not in (j, k):
                        cosines[i, j, k] = F.cosine_similarity(x[j] - x[i], x[k] - x[i], dim=0)
        return lengths / mean, cosines

    outputs, wanted = drawn(1), drawn(2)
    matching = matching_loss(TransferLoss.RELATIONAL, Granularity.CLIP, teacher)
    (d, a), (wanted_d, wanted_a) = relations(outputs), relations(wanted)
    expected = F.smooth_l1_loss(d, wanted_d) + 2 * F.smooth_l1_loss(a, wanted_a)
    assert value(matching, outputs, wanted) == pytest.approx(float(expected), rel=1e-3)


def test_relational_leaves_place_direction_scale_and_length_to_the_student(
    teacher: ActionNetwork,
) -> None:
    wanted = drawn(2)
    turned, _ = torch.linalg.qr(torch.randn(DIM, DIM, generator=torch.Generator().manual_seed(4)))
    moved = F.pad(3 * wanted @ turned + 5, (0, 10))
    matching = matching_loss(TransferLoss.RELATIONAL, Granularity.CLIP, teacher)
    assert value(matching, moved, wanted) == pytest.approx(0, abs=1e-5)
    assert value(matching, drawn(3), wanted) > 1e-3


def test_relational_has_a_gradient_where_clips_are_equal(teacher: ActionNetwork) -> None:
    outputs = drawn(1).repeat_interleave(2, 0).requires_grad_()
    matching = matching_loss(TransferLoss.RELATIONAL, Granularity.CLIP, teacher)
    matching.match(outputs, whole(drawn(2, 2 * N))).backward()  # type: ignore[no-untyped-call]
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()


@pytest.mark.parametrize("temperature", [None, 2.0])
def test_soft_targets_are_as_published(teacher: ActionNetwork, temperature: float | None) -> None:
    t = temperature or 4.0
    outputs, wanted = 5 * drawn(1)[:, :N_ACTIONS], drawn(2)
    truth = (answers(teacher, wanted) / t).softmax(1)
    student = (outputs / t).softmax(1)
    expected = t**2 * float((truth * (truth / student).log()).sum(1).mean())
    matching = matching_loss(TransferLoss.SOFT_TARGETS, Granularity.CLIP, teacher, temperature)
    assert value(matching, outputs, wanted) == pytest.approx(expected, rel=1e-4)
    assert value(matching, answers(teacher, wanted), wanted) == pytest.approx(0, abs=1e-5)


def test_hard_labels_are_the_teachers_answers_and_peers_teach_each_other(
    teacher: ActionNetwork,
) -> None:
    outputs = torch.randn(N, 2, N_ACTIONS, generator=torch.Generator().manual_seed(1))
    outputs.requires_grad_()
    wanted = drawn(2)
    truth = answers(teacher, wanted).argmax(1)
    p = outputs.detach().softmax(2)
    own = -p[torch.arange(N), :, truth].log().mean(0)
    told = torch.stack(
        [(p[:, 1 - i] * (p[:, 1 - i] / p[:, i]).log()).sum(1).mean() for i in (0, 1)]
    )
    matching = matching_loss(TransferLoss.HARD_LABELS, Granularity.CLIP, teacher)
    loss = matching.match(outputs, whole(wanted))
    assert loss.item() == pytest.approx(float((own + told).mean()), rel=1e-5)
    loss.backward()  # type: ignore[no-untyped-call]
    # A student's gradient: towards the label, and towards its peer, which is held still.
    assert outputs.grad is not None
    labels = F.one_hot(truth, N_ACTIONS)
    expected = (p[:, 0] - labels + p[:, 0] - p[:, 1]) / (2 * N)
    assert torch.allclose(outputs.grad[:, 0], expected, atol=1e-6)
    found = matching.measures(outputs, whole(wanted), whole(wanted))["agreement"]
    assert found == pytest.approx(float((outputs[:, 0].argmax(1) == truth).float().mean()))


def test_projection_only_where_the_dimensions_differ(teacher: ActionNetwork) -> None:
    cosine = matching_loss(TransferLoss.COSINE, Granularity.CLIP, teacher)
    assert not list(cosine.head(DIM).parameters())
    assert cosine.head(2048)(torch.zeros(2, 2048)).shape == (2, DIM)
    relational = matching_loss(TransferLoss.RELATIONAL, Granularity.CLIP, teacher)
    assert not list(relational.head(2048).parameters())


@pytest.mark.parametrize("loss", [TransferLoss.SOFT_TARGETS, TransferLoss.HARD_LABELS])
def test_a_teacher_without_answers_cannot_hand_them_on(loss: TransferLoss) -> None:
    embedder = build("r3d_tiny", 2, seed=0)
    with pytest.raises(FsamtError, match="no classifier"):
        matching_loss(loss, Granularity.CLIP, embedder)


def test_a_temperature_without_a_use_is_refused(teacher: ActionNetwork) -> None:
    with pytest.raises(FsamtError, match="has no temperature"):
        matching_loss(TransferLoss.COSINE, Granularity.CLIP, teacher, 1.0)
    with pytest.raises(FsamtError, match="not above 0"):
        matching_loss(TransferLoss.INFONCE, Granularity.CLIP, teacher, 0.0)


def test_two_clips_have_no_relations(teacher: ActionNetwork) -> None:
    matching = matching_loss(TransferLoss.RELATIONAL, Granularity.CLIP, teacher)
    with pytest.raises(FsamtError, match="fit into memory"):
        value(matching, drawn(1, 2), drawn(2, 2))
