import platform
from importlib.metadata import version

from fathometer.evidence import Provenance


def test_what_is_recorded_here_is_this_interpreter_and_what_is_installed():
    here = Provenance.here(7, ("numpy", "no-such-package"), "gpu", "float32", "a file")
    assert here == Provenance(
        7,
        "gpu",
        "float32",
        {"python": platform.python_version(), "numpy": version("numpy"), "no-such-package": "not installed"},
        "a file",
    )


def test_nothing_random_on_a_processor_in_double_precision_is_the_rule():
    here = Provenance.here()
    assert (here.seed, here.device, here.precision, here.origin) == (None, "cpu", "float64", "")
    assert set(here.versions) == {"python", "fathometer", "numpy", "scipy"}
    assert (Provenance().device, Provenance().precision, Provenance().versions) == ("cpu", "float64", {})
