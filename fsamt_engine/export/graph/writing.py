"""Writes ONNX graphs the way numpy is written: values with operators, loops, choices."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

_BOOL = np.dtype(np.bool_)
_INT = np.dtype(np.int64)

_Input = tuple[str, np.dtype[Any], Sequence[int] | None]


@dataclass(frozen=True)
class Value:
    """An edge of the graph: what a node gives.

    Python numbers beside it become constants of its own type. Integers are divided by `//`.
    """

    name: str
    dtype: np.dtype[Any]
    writer: "Writer"

    def _with(self, kind: str, other: Any, dtype: np.dtype[Any] | None = None) -> "Value":
        return self.writer.op(kind, self, self.writer.like(other, self), dtype=dtype or self.dtype)

    def _before(self, kind: str, other: Any) -> "Value":
        return self.writer.op(kind, self.writer.like(other, self), self, dtype=self.dtype)

    def __add__(self, other: Any) -> "Value":
        return self._with("Add", other)

    def __radd__(self, other: Any) -> "Value":
        return self._before("Add", other)

    def __sub__(self, other: Any) -> "Value":
        return self._with("Sub", other)

    def __rsub__(self, other: Any) -> "Value":
        return self._before("Sub", other)

    def __mul__(self, other: Any) -> "Value":
        return self._with("Mul", other)

    def __rmul__(self, other: Any) -> "Value":
        return self._before("Mul", other)

    def __truediv__(self, other: Any) -> "Value":
        return self._with("Div", other)

    def __rtruediv__(self, other: Any) -> "Value":
        return self._before("Div", other)

    def __floordiv__(self, other: Any) -> "Value":
        return self._with("Div", other)

    def __mod__(self, other: Any) -> "Value":
        return self._with("Mod", other)

    def __lt__(self, other: Any) -> "Value":
        return self._with("Less", other, _BOOL)

    def __le__(self, other: Any) -> "Value":
        return self._with("LessOrEqual", other, _BOOL)

    def __gt__(self, other: Any) -> "Value":
        return self._with("Greater", other, _BOOL)

    def __ge__(self, other: Any) -> "Value":
        return self._with("GreaterOrEqual", other, _BOOL)

    def __and__(self, other: "Value") -> "Value":
        return self._with("And", other)

    def __or__(self, other: "Value") -> "Value":
        return self._with("Or", other)

    def __invert__(self) -> "Value":
        return self.writer.op("Not", self)

    def equals(self, other: Any) -> "Value":
        """Where both are equal, bool."""
        return self._with("Equal", other, _BOOL)

    def cast(self, dtype: npt.DTypeLike) -> "Value":
        """The same numbers in another type; towards 0 where it has no fractions."""
        wanted = np.dtype(dtype)
        if wanted == self.dtype:
            return self
        return self.writer.op("Cast", self, dtype=wanted, to=_code(wanted))

    def shaped(self, *sizes: "Value | int") -> "Value":
        """The same numbers in another shape; one size may be -1."""
        return self.writer.op("Reshape", self, self.writer.vector(*sizes))

    def at(self, place: "Value | int") -> "Value":
        """One entry of the first axis."""
        return self.writer.op("Gather", self, self.writer.like(place, _INT), axis=0)

    def size(self, axis: int) -> "Value":
        """Length of an axis, a scalar int64."""
        return self.writer.op("Shape", self, dtype=_INT).at(axis)

    def sliced(self, *cuts: "tuple[int, Value | int, Value | int, Value | int]") -> "Value":
        """A part: for each cut its axis, start, end (not included) and step."""
        axes, starts, ends, steps = zip(*cuts, strict=True)
        vectors = (self.writer.vector(*part) for part in (starts, ends, axes, steps))
        return self.writer.op("Slice", self, *vectors)

    def reduced(self, kind: str, *axes: int) -> "Value":
        """ReduceMax, ReduceSum and their like over some axes, by default over all."""
        if not axes:
            return self.writer.op(kind, self, keepdims=0)
        return self.writer.op(kind, self, self.writer.vector(*axes), keepdims=0)

    def any(self) -> "Value":
        """Whether any is true, a scalar."""
        return self.cast(np.float32).reduced("ReduceMax") > 0.0

    def all(self) -> "Value":
        """Whether all are true, a scalar."""
        return self.cast(np.float32).reduced("ReduceMin") > 0.0


class Writer:
    """Collects the nodes of a graph while they are written."""

    def __init__(self) -> None:
        self.constants: dict[str, onnx.TensorProto] = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], Value] = {}
        self._blocks: list[list[onnx.NodeProto]] = [[]]
        self._n_names = 0

    @property
    def nodes(self) -> list[onnx.NodeProto]:
        """Of the graph, or of the subgraph that is being written."""
        return self._blocks[-1]

    def op(self, kind: str, *inputs: Any, dtype: Any = None, **attributes: Any) -> Value:
        """A node with one output.

        Args:
            kind: The operator, as ONNX calls it.
            inputs: Values or arrays; None for one that is left out.
            dtype: Of the output, by default that of the first input.
            attributes: Of the operator.
        """
        (value,) = self.ops(kind, inputs, (dtype,), **attributes)
        return value

    def ops(
        self, kind: str, inputs: Sequence[Any], dtypes: Sequence[Any], **attributes: Any
    ) -> tuple[Value, ...]:
        """A node with several outputs, of which `dtypes` says the types (None: the input's)."""
        given = [self._given(value) for value in inputs]
        usual = next((value.dtype for value in given if value is not None), None)
        made = tuple(
            Value(self._name(kind), np.dtype(usual if kind_of is None else kind_of), self)
            for kind_of in dtypes
        )
        names = ["" if value is None else value.name for value in given]
        self.nodes.append(helper.make_node(kind, names, [v.name for v in made], **attributes))
        return made

    def constant(self, content: Any, dtype: npt.DTypeLike | None = None) -> Value:
        """A fixed array or number; equal ones are kept once."""
        array = np.asarray(content, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            value = Value(f"constant_{len(self._known)}", array.dtype, self)
            self.constants[value.name] = numpy_helper.from_array(array, value.name)
            self._known[key] = value
        return self._known[key]

    def like(self, other: Any, model: "Value | np.dtype[Any]") -> Value:
        """`other`, as a constant of the same type as `model` where it is not a value yet."""
        if isinstance(other, Value):
            return other
        return self.constant(other, model.dtype if isinstance(model, Value) else model)

    def vector(self, *parts: "Value | int") -> Value:
        """Scalars int64 as one vector."""
        if not any(isinstance(part, Value) for part in parts):
            return self.constant(parts, _INT)
        return self.stack(*(self.like(part, _INT) for part in parts))

    def stack(self, *parts: Value) -> Value:
        """Scalars of one type as a vector."""
        rows = [self.op("Reshape", part, self.constant([1], _INT)) for part in parts]
        return self.op("Concat", *rows, axis=0)

    def where(self, condition: Value, yes: Any, no: Any) -> Value:
        """One or the other, element by element; at least one of them is a value."""
        model = yes if isinstance(yes, Value) else no
        return self.op(
            "Where", condition, self.like(yes, model), self.like(no, model), dtype=model.dtype
        )

    def full(self, sizes: Value, content: Any, dtype: npt.DTypeLike) -> Value:
        """An array of one number; `sizes` is a vector int64."""
        tensor = numpy_helper.from_array(np.asarray([content], dtype))
        return self.op("ConstantOfShape", sizes, dtype=dtype, value=tensor)

    def arange(self, start: Any, end: Any, step: Any, dtype: npt.DTypeLike = np.int64) -> Value:
        """Numbers from `start` on, below `end`; scalars of `dtype`."""
        parts = (self.like(part, np.dtype(dtype)) for part in (start, end, step))
        return self.op("Range", *parts)

    def choose(
        self,
        condition: Value,
        then: Callable[[], Sequence[Value]],
        otherwise: Callable[[], Sequence[Value]],
    ) -> tuple[Value, ...]:
        """Runs one of two parts of the graph; both give the same number and types of values."""
        with self._block() as yes:
            chosen = self._ends(yes, then())
        with self._block() as no:
            other = self._ends(no, otherwise())
        return self.ops(
            "If",
            (condition,),
            [value.dtype for value in chosen],
            then_branch=_graph("then", yes, [], chosen),
            else_branch=_graph("otherwise", no, [], other),
        )

    def loop(
        self,
        carried: Sequence[Value],
        body: Callable[..., tuple[Value | None, Sequence[Value], Sequence[Value]]],
        *,
        times: Value | None = None,
    ) -> tuple[Value, ...]:
        """Runs a part of the graph again and again.

        Args:
            carried: What the first round gets.
            body: Gets the number of the round, then what is carried. Gives whether to go on (None
                for as often as `times` says), what the next round gets, and what is collected.
            times: At most so many rounds, a scalar int64.

        Returns:
            What the last round carried, then what was collected, along a new first axis.
        """
        with self._block() as nodes:
            index, going = Value(self._name("round"), _INT, self), self._name("going")
            inside = [Value(self._name("carried"), value.dtype, self) for value in carried]
            go_on, results, collected = body(index, *inside)
            if go_on is None:
                go_on = self.op("Identity", Value(going, _BOOL, self))
            outputs = self._ends(nodes, (go_on, *results, *collected))
        inputs: list[_Input] = [(index.name, _INT, ()), (going, _BOOL, ())]
        inputs += [(value.name, value.dtype, None) for value in inside]
        return self.ops(
            "Loop",
            (times, None, *carried),
            [value.dtype for value in outputs[1:]],
            body=_graph("rounds", nodes, inputs, outputs),
        )

    @contextmanager
    def _block(self) -> Iterator[list[onnx.NodeProto]]:
        self._blocks.append([])
        try:
            yield self._blocks[-1]
        finally:
            self._blocks.pop()

    def _ends(self, nodes: list[onnx.NodeProto], values: Sequence[Value]) -> list[Value]:
        """The values under names of this block's own: a subgraph may not give what it was given."""
        made = {name for node in nodes for name in node.output}
        ends: list[Value] = []
        for value in values:
            if value.name not in made or value.name in {end.name for end in ends}:
                value = Value(self._name("same"), value.dtype, self)
                source = values[len(ends)].name
                nodes.append(helper.make_node("Identity", [source], [value.name]))
            ends.append(value)
        return ends

    def _given(self, value: Any) -> Value | None:
        if value is None or isinstance(value, Value):
            return value
        return self.constant(value)

    def _name(self, kind: str) -> str:
        self._n_names += 1
        return f"{kind}_{self._n_names}"


def tensor_info(
    name: str, dtype: npt.DTypeLike, sizes: Sequence[str | int] | None, words: str = ""
) -> onnx.ValueInfoProto:
    """Name, type and shape of an input or output; None where the shape is not known."""
    return helper.make_tensor_value_info(name, _code(np.dtype(dtype)), sizes, words)


def _code(dtype: np.dtype[Any]) -> int:
    return int(helper.np_dtype_to_tensor_dtype(dtype))


def _graph(
    name: str,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[_Input],
    outputs: Sequence[Value],
) -> onnx.GraphProto:
    return helper.make_graph(
        nodes,
        name,
        [tensor_info(*given) for given in inputs],
        [tensor_info(value.name, value.dtype, None) for value in outputs],
    )
