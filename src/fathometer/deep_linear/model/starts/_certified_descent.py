"""Plain descent from a state of a run, from which its rest may be certified."""

from dataclasses import dataclass

from fathometer.deep_linear.model.starts._plain_descent import PlainDescent


@dataclass(frozen=True, eq=False)
class CertifiedDescent(PlainDescent):
    """Plain descent from a state on, whose rest is asked about: whether it converges, how fast and to what."""
