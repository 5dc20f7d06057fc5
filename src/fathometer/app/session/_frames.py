"""Binary frames: the length of a header as uint32, the header as JSON padded to four bytes, then buffers."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class BadFrameError(ValueError):
    """A message that is no frame."""


def numbers(arrays: Mapping[str, NDArray]) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Return names and shapes of arrays, and their values as little-endian float32."""
    small = {name: np.asarray(array, "<f4") for name, array in arrays.items()}
    return [{"name": name, "shape": list(array.shape)} for name, array in small.items()], [
        array.tobytes() for array in small.values()
    ]


def pack_frame(header: Mapping[str, Any], buffers: list[bytes]) -> bytes:
    """Return one message."""
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *buffers])


def read_frame(message: bytes) -> tuple[dict[str, Any], memoryview]:
    """Return header and the rest of a message.

    Raises:
        BadFrameError: if it is no frame.
    """
    if len(message) < 4 or len(message) - 4 < (length := struct.unpack_from("<I", message)[0]):
        raise BadFrameError("the message is shorter than its header")
    try:
        header = json.loads(message[4 : 4 + length])
    except (ValueError, RecursionError) as error:
        raise BadFrameError("the header is no JSON") from error
    if not isinstance(header, dict):
        raise BadFrameError("the header is no object")
    return header, memoryview(message)[4 + length :]
