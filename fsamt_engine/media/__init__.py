"""Depth, colour and infrared files, frame by frame, and skeleton files."""

from fsamt_engine.media.colour import ColourReader, ColourWriter
from fsamt_engine.media.depth import DepthReader, DepthWriter
from fsamt_engine.media.infrared import InfraredReader, InfraredWriter
from fsamt_engine.media.skeleton import read_skeleton, write_skeleton

__all__ = [
    "ColourReader",
    "ColourWriter",
    "DepthReader",
    "DepthWriter",
    "InfraredReader",
    "InfraredWriter",
    "read_skeleton",
    "write_skeleton",
]
