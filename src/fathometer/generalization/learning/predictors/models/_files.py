"""Fitted predictors in files: skops where it can hold them, which runs nothing when it is read, and joblib elsewhere.

skops holds models of scikit-learn, NumPy and SciPy alone. A joblib file is a pickle, which holds whatever Python can
write: reading it runs code that it brings along, so that it is read only if its SHA-256 is the expected one, or if you
trust where it comes from.
"""

import hashlib
import importlib
import io
import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record
from fathometer.generalization.learning.predictors.models._factory import find_own_modules
from fathometer.report import write_bytes

FORMS = {".joblib": "joblib", ".pkl": "joblib", ".pickle": "joblib", ".skops": "skops"}
TRUSTED = ("sklearn", "numpy", "scipy")
OF_NUMPY = (np.dtype, np.generic, np.random.Generator, np.random.BitGenerator, np.random.RandomState)
FUNCTIONS = ("functools.partial", "sklearn.utils.validation.check_array")
UNSEEN = (
    "nobody here can see which rows a model from a file was fitted on: give --saw FILE with one row number from 0 on "
    "each line, or --saw none"
)


@dataclass(frozen=True)
class PredictorFile(Record):
    """A file that holds a fitted predictor.

    Attributes:
        name: of the file, without its folder.
        form: `joblib`, which can run code when it is read, or `skops`, which cannot.
        sha256: digest of its bytes, in hexadecimal digits.
        size: number of its bytes.
    """

    name: str
    form: str
    sha256: str
    size: int


def is_predictor_file(reference: str) -> bool:
    """Whether a model is named by a file and not as module:factory."""
    return Path(reference).suffix.lower() in FORMS


def write_predictor(path: Path, predictor: Any) -> tuple[PredictorFile | None, str]:
    """Write it in one step, in the form that the name of the file ends with.

    Returns:
        The record, or None and why it cannot be written, such as a function that has no name. A file that was there
        is left as it was then.

    Raises:
        InputError: if the name ends with no known form.
    """
    form = _form(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = _written(form, predictor)
    except Exception as error:  # whatever the predictor's own code raises
        return None, f"{type(predictor).__name__} cannot be written as {form}: {_line(error)}"
    write_bytes(path, content)
    return PredictorFile(path.name, form, hashlib.sha256(content).hexdigest(), len(content)), ""


def write_beside(path: Path, predictor: Any) -> PredictorFile | None:
    """Write it to the same name as a certificate, in the first form that can hold it; None if neither can.

    Args:
        path: of the certificate.
        predictor: fitted.
    """
    for ending in (".skops", ".joblib"):
        try:
            file, _ = write_predictor(path.with_suffix(ending), predictor)
        except InputError:  # a part that skops does not trust
            continue
        if file is not None:
            return file
    return None


def load_predictor(path: Path, expected: PredictorFile) -> Any:
    """Read it if its bytes are the expected ones; nothing of it is run before that is known.

    Raises:
        InputError: if they are others, or it cannot be read.
    """
    content = _bytes(path)
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected.sha256:
        raise InputError(
            f"{str(path)!r} is not the predictor of this certificate: its SHA-256 is {digest[:16]}..., "
            f"and {expected.sha256[:16]}... was certified; it was not read"
        )
    if len(content) != expected.size:
        raise InputError(f"{str(path)!r} has {len(content)} bytes, and the certificate says {expected.size}")
    return _read(path, expected.form, content)


def read_predictor(path: Path) -> Any:
    """Read a fitted predictor from a file that you trust.

    A joblib or pickle file runs code that it brings along. A skops file is read only if all that is in it is of
    scikit-learn, NumPy and SciPy.

    Raises:
        InputError: if it is no such file, cannot be read, or has parts that are not trusted.
    """
    return _read(path, _form(path), _bytes(path))


def read_seen(path: str | Path | None, rows: int) -> NDArray[np.int64]:
    """The rows that a model has seen.

    Args:
        path: file with one row number on each line, from 0; or the word none.
        rows: how many rows the data have.

    Returns:
        Sorted numbers, each once.

    Raises:
        InputError: if it is not given, cannot be read, or has something else in it.
    """
    if path is None:
        raise InputError(UNSEEN)
    if str(path) == "none":
        return np.empty(0, np.int64)
    try:
        lines = Path(path).read_text("utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise InputError(f"{str(path)!r} cannot be read: {_line(error)}") from error
    words = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    if [word for _, word in words] == ["none"]:
        return np.empty(0, np.int64)
    if not words:
        raise InputError(f"{str(path)!r} is empty: {UNSEEN}")
    return np.unique([_row_number(path, number, word, rows) for number, word in words])


def _row_number(path: str | Path, number: int, word: str, rows: int) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 18 and int(word) < rows):
        raise InputError(f"line {number} of {str(path)!r} must be a row number from 0 to {rows - 1}, got {word[:40]!r}")
    return int(word)


def _form(path: Path) -> str:
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise InputError(f"a file of a predictor must end with {', '.join(FORMS)}, got {path.name!r}")
    return form


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"{str(path)!r} cannot be read: {_line(error)}") from error


def _written(form: str, predictor: Any) -> bytes:
    if form == "skops":
        from skops import io as skops

        content = skops.dumps(predictor)
        _require_trusted("this predictor", content)
        return content
    import joblib

    file = io.BytesIO()
    joblib.dump(predictor, file, compress=3, protocol=pickle.HIGHEST_PROTOCOL)
    return file.getvalue()


def _read(path: Path, form: str, content: bytes) -> Any:
    try:
        return _loaded(path, form, content)
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"{str(path)!r} cannot be read as {form}: {_line(error)}") from error


def _loaded(path: Path, form: str, content: bytes) -> Any:
    if form == "skops":
        from skops import io as skops

        return skops.loads(content, trusted=_require_trusted(repr(str(path)), content))
    import joblib

    find_own_modules()
    return joblib.load(io.BytesIO(content))


def _require_trusted(source: str, content: bytes) -> list[str]:
    """Names of types in a skops file that skops itself does not vouch for, and the three libraries do.

    Raises:
        InputError: if there are others.
    """
    from skops import io as skops

    names = skops.get_untrusted_types(data=content)
    strange = [name for name in names if not _is_trusted(name)]
    if strange:
        raise InputError(f"{source} holds {strange[0]}, and only classes of {', '.join(TRUSTED)} are read from skops")
    return names


def _is_trusted(name: str) -> bool:
    """Whether it is a class of the libraries that opens no file, or one of the few functions that trees need.

    Other functions of theirs may run what they are given.
    """
    module, _, attribute = name.rpartition(".")
    library = module.partition(".")[0]
    if library not in TRUSTED or module.startswith("scipy.io"):
        return name in FUNCTIONS
    try:
        value = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError):
        return False
    if library == "numpy":
        return isinstance(value, np.ufunc) or (isinstance(value, type) and issubclass(value, OF_NUMPY))
    return isinstance(value, type) or name in FUNCTIONS


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
