"""What a viewer asks, and what it gets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.study import Parameter, read_parameters


class Answer(NamedTuple):
    """Numbers and words (JSON values), and arrays, which travel as float32."""

    document: dict[str, Any]
    arrays: Mapping[str, NDArray] = {}


@dataclass(frozen=True)
class Question:
    """A question of a viewer.

    Attributes:
        name: view and topic, such as "tokens.collapse".
        answer: called with the parameters by name, and with `file` where files are taken; yields answers as they come.
            Between two of them the session may end it, so that long work should yield often.
        parameters: what each may be.
        files: suffixes of a file that goes with it; none are taken if empty.
        recorded: parameters of the questions that an exported page holds answers to.
    """

    name: str
    answer: Callable[..., Iterator[Answer]]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    recorded: tuple[Mapping[str, Any], ...] = ()

    def answers(self, given: Any, file: Path | None = None) -> Iterator[Answer]:
        """Check what was given and return the answers, which are computed as they are asked for.

        Args:
            given: parameters by name.
            file: the file that came with the question, if any.

        Raises:
            InputError: if a parameter is not allowed, or a file is missing or of another kind.
        """
        values = read_parameters(self.parameters, given)
        if file is None:
            return self.answer(**values)
        if file.suffix not in self.files:
            raise InputError(f"{self.name} takes {' or '.join(self.files) or 'no file'}, got {file.suffix or 'a file'}")
        return self.answer(**values, file=file)
