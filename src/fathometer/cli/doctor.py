"""`fathometer doctor`: what this machine has."""

from typing import Any

from fathometer.cli._options import AsJson, Out, Seed

EXTRAS = ("torch", "transformers", "onnxruntime", "ot")


def doctor(as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Show versions, devices, precision and the optional packages that are installed."""
    from importlib.util import find_spec

    import jax

    import fathometer.numerics  # noqa: F401  (switches JAX to float64)
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance
    from fathometer.report import print_rows

    packages = ("fathometer", "jax", "jaxlib", "diffrax", "equinox", "numpy", "scipy", "scikit-learn", "matplotlib")
    here = Provenance.here(seed, packages, device=jax.default_backend())
    result: dict[str, Any] = {
        "versions": dict(here.versions),
        "devices": [str(device) for device in jax.devices()],
        "float64": bool(jax.config.read("jax_enable_x64")),
        "extras": {name: find_spec(name) is not None for name in EXTRAS},
    }
    rows = [*here.versions.items(), ("devices", ", ".join(result["devices"])), ("float64", str(result["float64"]))]
    rows += [
        (f"extra {name}", "found" if installed else "not installed") for name, installed in result["extras"].items()
    ]
    return finish(
        "doctor",
        result,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("what", "found"), rows, console),
    )
