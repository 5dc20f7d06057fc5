"""The files of a network that is named by `module:factory`, a file of ONNX, or a folder."""

from importlib.util import find_spec
from pathlib import Path

from fathometer.study import Named, file_at, module_at


def network_file(name: str, base: Path) -> Named | None:
    """The file or folder, with the weights that a file of ONNX keeps elsewhere, or the sources of the module."""
    if not name:
        return None
    path = base / name
    if not path.exists():
        return module_at(name)
    return file_at(name, base, *(_weights(path) if path.suffix == ".onnx" else ()))


def _weights(path: Path) -> list[Path]:
    """Files beside one of ONNX in which it keeps tensors; none where the extra is not installed, or it is no such."""
    if find_spec("onnx") is None:
        return []
    import onnx

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception:
        return []  # the computation says what is wrong with it
    outside = [one for one in model.graph.initializer if one.data_location == onnx.TensorProto.EXTERNAL]
    places = {entry.value for tensor in outside for entry in tensor.external_data if entry.key == "location"}
    return [place for name in sorted(places) if (place := path.parent / name).is_file()]
