"""RAFT, torchvision's: the most exact flow, where there is a GPU to compute it.

Teed and Deng, "RAFT: Recurrent All-Pairs Field Transforms for Optical Flow" (ECCV 2020).
"""

import threading
from pathlib import Path

import torch
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError

MULTIPLE = 8
"""Frames have to be so many pixels wide and high, or a multiple of it."""

_LOADING = threading.Lock()
_loaded: dict[torch.device, nn.Module] = {}


def raft(device: torch.device) -> nn.Module:
    """The network with torchvision's own weights, loaded once for each device.

    The weights are downloaded where they are not in PyTorch's folder of them yet.

    Raises:
        FsamtError: torchvision is missing, or the weights are not there and cannot be had.
    """
    with _LOADING:
        if device not in _loaded:
            _loaded[device] = _load().to(device).eval()
        return _loaded[device]


@torch.no_grad()
def raft_flow(network: nn.Module, earlier: Tensor, later: Tensor) -> Tensor:
    """Displacement of what is seen in the earlier frames.

    Args:
        network: As `raft` gives it.
        earlier: (B, 3, H, W) float32 RGB, 0..255; sides are multiples of `MULTIPLE`, 128 at least.
        later: The same of the frames that follow.

    Returns:
        (B, 2, H, W) float32, pixels: x to the right, y down.
    """
    steps: list[Tensor] = network(earlier / 127.5 - 1, later / 127.5 - 1)
    return steps[-1]


def _load() -> nn.Module:
    try:
        from torchvision.models.optical_flow import Raft_Large_Weights, raft_large
    except ImportError as error:
        raise FsamtError(
            "RAFT is a part of torchvision, which is not installed.",
            "Install torchvision, or choose TV-L1 or DIS flow.",
        ) from error
    weights = Raft_Large_Weights.DEFAULT
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    try:
        # The state dict by its own call: the hash in the file's name is compared on the way.
        state = weights.get_state_dict(progress=False, check_hash=True)
        network: nn.Module = raft_large()
        network.load_state_dict(state)
    except (OSError, RuntimeError) as error:
        raise FsamtError(
            "The weights of RAFT are not on this computer and could not be downloaded, or their"
            " file is damaged.",
            f"Download {weights.url} and put it, under its own name, into {folder}.",
        ) from error
    return network
