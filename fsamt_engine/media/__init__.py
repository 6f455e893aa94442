"""Depth and colour files, frame by frame, and skeleton files."""

from fsamt_engine.media.colour import ColourReader, ColourWriter
from fsamt_engine.media.depth import DepthReader, DepthWriter
from fsamt_engine.media.skeleton import read_skeleton, write_skeleton

__all__ = [
    "ColourReader",
    "ColourWriter",
    "DepthReader",
    "DepthWriter",
    "read_skeleton",
    "write_skeleton",
]
