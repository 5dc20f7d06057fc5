"""A network in a file of ONNX."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._outputs import first_line, score_rows, taking
from fathometer.network.adapters._rows import as_array, chunks, row_count

TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(uint8)": np.uint8,
}
FILLED: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "attention_mask": np.ones_like,
    "token_type_ids": np.zeros_like,
    "position_ids": lambda ids: np.broadcast_to(np.arange(ids.shape[1]), ids.shape),
}
"""Inputs of language models that are made from the token ids where they are not given."""


class OnnxNetwork:
    """A graph of ONNX, run by onnxruntime on the processor.

    Attributes:
        framework: "onnx".
        name: of the file.
        path: of the file.
        graph: as read by the onnx package.
        runner: runs it instead of its session, while it is recorded.
        model: callable on a batch: what the graph gives, by name of the output.
    """

    framework = "onnx"

    def __init__(self, path: Path, graph: Any = None) -> None:
        self.path, self.name = path, path.name
        self.graph = read_graph(path) if graph is None else graph
        self._session = session_of(self.graph, path)
        self.model = self.called
        self.runner: Callable[[list[str], dict[str, NDArray[Any]]], list[NDArray[Any]]] | None = None

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shapes of the floating weights of the graph by name."""
        return {held.name: tuple(held.dims) for held in floating_weights(self.graph)}

    def takes(self) -> list[str]:
        """Names of its inputs."""
        return [each.name for each in self._session.get_inputs()]

    def scores(self, inputs: Any) -> NDArray[np.float64]:
        """What its first output gives for rows.

        Args:
            inputs: an array of rows for the first input, or a dictionary of arrays by name of the input.

        Returns:
            Scores, shape (rows, outputs).
        """
        return np.concatenate(
            [score_rows(next(iter(self.called(part).values())), rows) for part, rows in chunks(inputs)]
        )

    def called(self, inputs: Any) -> dict[str, NDArray[Any]]:
        """Outputs of the graph by name.

        Raises:
            InputError: if the graph cannot take the rows.
        """
        row_count(inputs)
        names = [output.name for output in self._session.get_outputs()]
        with_names = fed(self._session.get_inputs(), inputs)
        run = self.runner or self.run_alone
        with taking(self.name):
            return dict(zip(names, run(names, with_names), strict=True))

    def run_alone(self, names: list[str], rows: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the graph as it is in the file.

        Args:
            names: of outputs.
            rows: inputs by name.
        """
        return self._session.run(names, rows)


def read_graph(path: Path) -> Any:
    """Read and check a graph, with weights that lie beside it.

    Raises:
        InputError: if the file is missing or is no graph.
    """
    onnx = needed("onnx")
    if not path.is_file():
        raise InputError(f"{path} is not there")
    try:
        graph = onnx.load(str(path))
        onnx.checker.check_model(graph, full_check=False)
    except Exception as error:  # of protobuf, onnx or the file system
        raise InputError(f"{path} is no readable ONNX graph: {first_line(error)}") from error
    return graph


def session_of(graph: Any, path: Path) -> Any:
    """A session that runs a graph on the processor, quietly.

    Args:
        graph: as read by the onnx package.
        path: of its file, for messages.

    Raises:
        InputError: if onnxruntime cannot run it.
    """
    runtime = needed("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    try:
        return runtime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has an exception of its own for each code
        raise InputError(f"onnxruntime cannot run {path}: {first_line(error)}") from error


def floating_weights(graph: Any) -> list[Any]:
    """The initializers of a graph that hold floating numbers."""
    kinds = needed("onnx").TensorProto
    floating = {kinds.FLOAT, kinds.DOUBLE, kinds.FLOAT16, kinds.BFLOAT16}
    return [held for held in graph.graph.initializer if held.data_type in floating]


def fed(inputs: Sequence[Any], rows: Any) -> dict[str, NDArray[Any]]:
    """Rows by name of the input, in the types that the graph asks for; masks and positions are filled in.

    Args:
        inputs: of the session.
        rows: an array for the first input, or arrays by name.

    Raises:
        InputError: if an input is missing, or a name is not one of the graph's.
    """
    given = dict(rows) if isinstance(rows, Mapping) else {inputs[0].name: rows}
    unknown = sorted(set(given) - {each.name for each in inputs})
    if unknown:
        raise InputError(f"the graph has no input {unknown[0]!r}; it has {[each.name for each in inputs]}")
    first = np.asarray(as_array(next(iter(given.values()))))
    for each in inputs:
        if each.name not in given:
            if each.name not in FILLED or first.ndim != 2:
                raise InputError(f"the graph needs the input {each.name!r}")
            given[each.name] = FILLED[each.name](first)
    return {each.name: np.asarray(given[each.name], dtype=TYPES.get(each.type)) for each in inputs}
