"""`fathometer doctor`: what this machine has."""

from typing import Any

from fathometer.cli._options import AsJson, Out, Seed

EXTRAS = {
    "torch": ("torch", "transformers", "safetensors"),
    "onnx": ("onnx", "onnxruntime"),
    "transport": ("ot",),
    "sets": ("rdata",),
    "frames": ("pandas",),
    "sign": ("cryptography",),
    "movie": ("av",),
    "store": ("xarray", "zarr"),
    "app": ("fastapi", "uvicorn", "websockets"),
    "notebook": ("anywidget",),
    "dask": ("distributed", "cryptography"),
}
"""Modules that each extra of the package brings."""


def doctor(as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Show versions, devices, precision and the optional packages that are installed."""
    import jax

    import fathometer.numerics  # noqa: F401  (switches JAX to float64)
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance
    from fathometer.report import print_rows

    packages = ("fathometer", "jax", "jaxlib", "diffrax", "equinox", "numpy", "scipy", "numba", "finufft")
    packages += ("scikit-learn", "matplotlib")
    here = Provenance.here(seed, packages, device=jax.default_backend())
    result: dict[str, Any] = {
        "versions": dict(here.versions),
        "devices": [str(device) for device in jax.devices()],
        "float64": bool(jax.config.read("jax_enable_x64")),
        "extras": {name: not _missing(modules) for name, modules in EXTRAS.items()},
    }
    rows = [*here.versions.items(), ("devices", ", ".join(result["devices"])), ("float64", str(result["float64"]))]
    rows += [(f"extra {name}", _said(name, modules)) for name, modules in EXTRAS.items()]
    return finish(
        "doctor",
        result,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("what", "found"), rows, console),
    )


def _missing(modules: tuple[str, ...]) -> list[str]:
    from importlib.util import find_spec

    return [name for name in modules if find_spec(name) is None]


def _said(extra: str, modules: tuple[str, ...]) -> str:
    """Whether the modules of an extra are there, and what to type if not."""
    missing = _missing(modules)
    return f"no {', '.join(missing)}: pip install 'fathometer[{extra}]'" if missing else "found"
