"""A recogniser with everything in its graph: preparation of depth, network and softmax in ONNX."""

from fsamt_engine.export.graph.interface import FORMAT
from fsamt_engine.export.graph.whole import whole_graph

__all__ = ["FORMAT", "whole_graph"]
