"""Feature maps that are denser in time than a network was trained with, from the same weights.

A network that recognises clips halves time again and again: r3d_tiny has two cells for 16 frames. A
detector has to say where an action starts, and wants a cell every few frames. Leaving out a stride
and spreading the kernels that follow over the frames that are there now (dilation, the "a trous"
convolution of Chen et al., PAMI 2018) gives the cells in between; at the places of the old cells it
gives exactly what the network gave before.
"""

import copy
from typing import Any, cast

import torch
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.network import ActionNetwork

_PROBE_FRAMES = 128
_PROBE_SIZE = 64

_Timed = nn.Conv3d | nn.MaxPool3d
"""What has a stride and a kernel over time."""


def temporal_stride(network: ActionNetwork) -> int:
    """Frames of a clip between two cells of the network's maps.

    Raises:
        FsamtError: The network has no maps.
    """
    return _PROBE_FRAMES // _seen(network)[1]


def with_temporal_stride(network: ActionNetwork, stride: int) -> None:
    """Make the cells of the network's maps at most `stride` frames apart, in place.

    Strides over time beyond it become dilations of what follows. The weights and their keys stay;
    every (old / new stride)th cell is what it was, to the last bits of rounding.

    Args:
        stride: A power of two; a network whose cells are not farther apart stays as it is.

    Raises:
        FsamtError: The network has no maps, or pools over time in a way that cannot be spread.
    """
    distances, n_cells = _seen(network)
    if _PROBE_FRAMES // n_cells <= stride:
        return
    parts = [(cast(_Timed, network.get_submodule(name)), d) for name, d in distances.items()]
    if not all(_can_be_spread(part, distance, stride) for part, distance in parts):
        raise FsamtError(
            f"The cells of this network cannot be made {stride} frames apart: it pools over time "
            "between its convolutions.",
            "Choose r3d_tiny or another residual network, or the anchor-free detector.",
        )
    for part, distance in parts:
        _spread(part, distance, stride)


def _can_be_spread(part: _Timed, distance: int, stride: int) -> bool:
    """Whether the part can look at the same frames as before, and as many to both sides."""
    kernel, own = _triple(part.kernel_size)[0], _triple(part.stride)[0]
    if kernel == 1 or distance * own <= stride:
        return True
    # PyTorch pads what it pools by half a kernel at most, and so not as far as a dilation reaches.
    return kernel % 2 == 1 and (isinstance(part, nn.Conv3d) or distance <= stride)


def _spread(part: _Timed, distance: int, stride: int) -> None:
    """Give a part its new stride and dilation; `distance`: frames between its input's cells."""
    kernel, own, padding, dilation = (
        _triple(value) for value in (part.kernel_size, part.stride, part.padding, part.dilation)
    )
    now = min(distance, stride)
    factor = distance // now
    part.stride = (min(distance * own[0], stride) // now, *own[1:])
    if kernel[0] > 1:
        part.dilation = (dilation[0] * factor, *dilation[1:])
        part.padding = (padding[0] * factor, *padding[1:])


def _seen(network: ActionNetwork) -> tuple[dict[str, int], int]:
    """Frames between the cells that each part over time receives, and the cells of the maps.

    Found by sending a clip without numbers through a copy without weights.
    """
    bare = copy.deepcopy(network).to("meta").eval()
    distances: dict[str, int] = {}
    names = {part: name for name, part in bare.named_modules()}

    def note(part: nn.Module, given: tuple[Tensor, ...]) -> None:
        distances[names[part]] = _PROBE_FRAMES // given[0].shape[2]

    for part in bare.modules():
        if isinstance(part, _Timed):
            part.register_forward_pre_hook(note)
    size = (1, network.in_channels, _PROBE_FRAMES, _PROBE_SIZE, _PROBE_SIZE)
    with torch.no_grad():
        maps = bare.maps(torch.empty(size, device="meta"))
    return distances, maps.shape[2]


def _triple(value: Any) -> tuple[int, int, int]:
    return (value, value, value) if isinstance(value, int) else value
