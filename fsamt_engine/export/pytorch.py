"""The network alone, for PyTorch: as `torch.export` writes it."""

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from fsamt_engine.learning.portable import TRACING
from fsamt_engine.modalities.clips import ClipShape

_TRACES = ("stack_trace", "nn_module_stack", "source_fn_stack", "from_node", "torch_fn")


def trace(network: nn.Module, shape: ClipShape) -> torch.export.ExportedProgram:
    """A network for any number of clips at once.

    Neither paths of this computer nor an example, which would be pickled, stay in it.

    Args:
        network: On the CPU, from (B, T, S, S) prepared depth to probabilities.
        shape: T and S.
    """
    # Two clips: an example of one would be taken as fixed.
    example = torch.zeros(2, shape.n_frames, shape.size, shape.size)
    batch = torch.export.Dim("batch", min=1)
    with TRACING, torch.no_grad(), _silence():
        program = torch.export.export(network, (example,), dynamic_shapes={"clips": {0: batch}})
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                for name in _TRACES:
                    node.meta.pop(name, None)
    program.example_inputs = None
    return program


def write_pt2(path: Path, program: torch.export.ExportedProgram, said: Mapping[str, str]) -> None:
    """Write a .pt2 file.

    Args:
        path: The file.
        program: The network.
        said: Texts to put beside it, by file name: `torch.export.load` gives them as extra files.
    """
    content = io.BytesIO()
    with _silence():
        torch.export.save(program, content, extra_files=dict(said))
    path.write_bytes(content.getvalue())


def from_pt2(path: Path) -> nn.Module:
    """The network of a file that this program has just written."""
    with _silence():
        module: nn.Module = torch.export.load(io.BytesIO(path.read_bytes())).module()
    return module


@contextmanager
def _silence() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
