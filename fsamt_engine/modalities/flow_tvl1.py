"""TV-L1 optical flow, as published flow teachers were trained on; on a GPU where there is one.

Zach, Pock and Bischof, "A duality based approach for realtime TV-L1 optical flow" (DAGM 2007), in
the scheme and with the parameters of Sanchez Perez, Meinhardt-Llopis and Facciolo (Image Processing
On Line 3, 2013), which OpenCV's implementation has too: a pyramid of 5 scales by 0.8, 5 warps each.
What differs: a fixed number of steps after each warp, for several pairs of frames at once.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

TAU, LAMBDA, THETA = 0.25, 0.15, 0.3
SCALES, SCALE_STEP, WARPS = 5, 0.8, 5
STEPS = 30
"""After each warp; on made-up motion of 5 pixels, 60 are no closer."""
_SMALLEST = 16


@torch.no_grad()
def tv_l1(earlier: Tensor, later: Tensor) -> Tensor:
    """Displacement of what is seen in the earlier frames.

    Args:
        earlier: (B, H, W) float32, brightness 0..255.
        later: The same of the frames that follow.

    Returns:
        (B, 2, H, W) float32, pixels: x to the right, y down.
    """
    pyramid = [(earlier, later)]
    height, width = earlier.shape[-2:]
    for scale in range(1, SCALES):
        size = [round(edge * SCALE_STEP**scale) for edge in (height, width)]
        if min(size) < _SMALLEST:
            break
        pyramid.append((_resized(earlier, size), _resized(later, size)))
    flow = torch.zeros_like(pyramid[-1][0])[:, None].repeat(1, 2, 1, 1)
    for first, second in reversed(pyramid):
        size = list(first.shape[-2:])
        if flow.shape[-2:] != first.shape[-2:]:
            growth = torch.tensor(size, device=flow.device).flip(0) / torch.tensor(
                flow.shape[-2:], device=flow.device
            ).flip(0)
            flow = F.interpolate(flow, size, mode="bilinear", align_corners=False)
            flow = flow * growth.view(1, 2, 1, 1)
        flow = _at_one_scale(first, second, flow)
    return flow


def _resized(frames: Tensor, size: list[int]) -> Tensor:
    return F.interpolate(frames[:, None], size, mode="bilinear", antialias=True)[:, 0]


def _at_one_scale(first: Tensor, second: Tensor, flow: Tensor) -> Tensor:
    stack = torch.cat([second[:, None], _central_differences(second)], dim=1)
    dual = torch.zeros_like(flow)[:, :, None].repeat(1, 1, 2, 1, 1)
    for _ in range(WARPS):
        warped, inside = _warp(stack, flow)
        slope = warped[:, 1:] * inside
        squared = slope.square().sum(1, keepdim=True)
        limit = LAMBDA * THETA * squared
        divided = slope / squared.clamp_min(1e-9)
        rest = (warped[:, :1] - first[:, None]) * inside - (slope * flow).sum(1, keepdim=True)
        for _ in range(STEPS):
            residual = rest + (slope * flow).sum(1, keepdim=True)
            matched = flow - torch.maximum(torch.minimum(residual, limit), -limit) * divided
            flow = matched + THETA * _divergence(dual)
            gradient = _forward_differences(flow)
            length = gradient.square().sum(2, keepdim=True).sqrt_()
            dual = (dual + (TAU / THETA) * gradient) / (1 + (TAU / THETA) * length)
    return flow


def _central_differences(frames: Tensor) -> Tensor:
    """(B, H, W) to its slopes along x and y, (B, 2, H, W)."""
    padded = F.pad(frames[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    across = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2
    down = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2
    return torch.stack([across, down], dim=1)


def _warp(stack: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """What lies where the flow points to, and (B, 1, H, W) whether that is within the frame."""
    height, width = stack.shape[-2:]
    x = torch.arange(width, device=flow.device) + flow[:, 0]
    y = torch.arange(height, device=flow.device)[:, None] + flow[:, 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    grid = torch.stack([2 * x / (width - 1) - 1, 2 * y / (height - 1) - 1], dim=-1)
    warped = F.grid_sample(stack, grid, "bicubic", "border", align_corners=True)
    return warped, inside[:, None].to(stack.dtype)


def _forward_differences(flow: Tensor) -> Tensor:
    """(B, 2, H, W) to its slopes along x and y, (B, 2, 2, H, W); 0 at the far edges."""
    slopes = torch.zeros_like(flow)[:, :, None].repeat(1, 1, 2, 1, 1)
    slopes[:, :, 0, :, :-1] = flow[..., 1:] - flow[..., :-1]
    slopes[:, :, 1, :-1] = flow[..., 1:, :] - flow[..., :-1, :]
    return slopes


def _divergence(dual: Tensor) -> Tensor:
    """(B, 2, 2, H, W) to (B, 2, H, W): less the adjoint of the forward differences."""
    across, down = dual[:, :, 0], dual[:, :, 1]
    divergence = across + down
    divergence[..., 1:] -= across[..., :-1]
    divergence[..., 1:, :] -= down[..., :-1, :]
    return divergence
