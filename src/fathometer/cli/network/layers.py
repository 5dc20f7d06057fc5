"""`fathometer network layers`: what the layers of a network do to tokens, beside what the model does."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, Form, Out, Seed
from fathometer.cli.network._options import Brought, Memory

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.evidence import Estimate
    from fathometer.network.layers import LayersReport

Text = Annotated[
    Path | None, typer.Option(help="File of texts, one a line, read by the folder's own tokenizer.", metavar="F")
]
Ids = Annotated[
    Path | None,
    typer.Option(help="File of token ids: input_ids (texts, n) or an array a text; or pixel_values.", metavar="F.npz"),
]
Beside = Annotated[str, typer.Option(help="random, shuffled, centred, values, text or none.", metavar="CONTROL")]
Fixed = Annotated[
    float | None, typer.Option(help="Inverse temperature of the energies; fitted if absent.", metavar="BETA")
]
Fine = Annotated[bool, typer.Option("--fine", help="Fit with four inverse temperatures to the octave.")]
Iterate = Annotated[
    int | None, typer.Option(help="Apply the one block that all layers share so often.", min=1, metavar="N")
]
Sites = Annotated[
    str, typer.Option(help="Blocks: residual for all, or names of modules such as encoder.layers.*", metavar="PATTERN")
]
KeepSpecial = Annotated[bool, typer.Option("--keep-special", help="Look at special tokens such as [CLS] too.")]
Batch = Annotated[int, typer.Option(help="Texts that go through the network at once.", min=1)]

NOTHING = "nothing is judged: on a network no theorem is confirmed, its hypotheses' distance is the message."
ASKED_FOR = "not asked for"


def layers(
    network: Brought,
    text: Text = None,
    ids: Ids = None,
    control: Beside = "random",
    memory: Memory = "2GiB",
    iterate: Iterate = None,
    beta: Fixed = None,
    fine: Fine = False,
    keep_special: KeepSpecial = False,
    sites: Sites = "residual",
    batch: Batch = 8,
    form: Form = "svg",
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Follow the tokens of texts through your network: clusters, energy, and how far each block is from the model."""
    from fathometer.cli._finish import finish
    from fathometer.network.adapters import brought
    from fathometer.network.layers import layers_figure
    from fathometer.numerics import prepare_jax
    from fathometer.report import checked_format

    checked_format(form)
    prepare_jax()
    found, _ = brought(network)
    report = _report(
        found,
        _texts(text, ids, found),
        None if control == "none" else control,
        "fit" if beta is None else beta,
        {"memory": memory, "keep_special": keep_special, "iterate": iterate, "sites": sites},
        batch,
        seed,
        fine=fine,
    )
    drawn = "" if out is None else f"drawn: {layers_figure(report).write(out, form)}"
    document = report.to_json()
    return finish(
        "network-layers", document, as_json=as_json, out=out, show=lambda console: _show(report, console), last=drawn
    )


def _report(
    network: Any,
    texts: list[Any],
    control: str | None,
    beta: float | str,
    options: dict[str, Any],
    batch: int,
    seed: int,
    *,
    fine: bool,
) -> "LayersReport":
    """Record the texts, and a control if one is asked for, and report; an interrupt ends with what was seen."""
    from fathometer.network.layers import BETAS, CONTROLS, LayersReducer, dense_betas, report_of
    from fathometer.network.recording import bytes_of, recorded_texts
    from fathometer.study import Progress, interruptions

    _check_control(control, CONTROLS)
    reducer = LayersReducer(dense_betas() if fine else BETAS, bytes_of(options["memory"]))
    with interruptions() as interrupted:
        told = Progress("network layers")
        seen = recorded_texts(network, texts, [reducer], batch, _announce(told, interrupted), **options)
        interrupted.clear()
        told = Progress("network layers, control")
        return report_of(seen, beta, control, seed, texts=texts, batch=batch, announce=_announce(told, interrupted))


def _announce(progress: Any, interrupted: list[bool]) -> Any:
    def at(done: int, whole: int) -> None:
        progress.at(done / whole)
        if interrupted and done < whole:
            raise KeyboardInterrupt

    return at


def _check_control(control: str | None, known: tuple[str, ...]) -> None:
    from fathometer.evidence import InputError

    if control is not None and control not in known:
        raise InputError(f"control must be one of {', '.join(known)} or none, got {control!r}")


def _texts(text: Path | None, ids: Path | None, network: Any) -> list[Any]:
    from fathometer.evidence import InputError
    from fathometer.network.recording import ids_in_file, lines_in_file

    if (text is None) == (ids is None):
        raise InputError("give either --text F or --ids F.npz")
    if text is not None:
        return list(lines_in_file(text, network))
    return _images(ids) or list(ids_in_file(ids))  # type: ignore[arg-type]


def _images(path: Path | None) -> list[Any]:
    """Batches of one image each, if a file holds pixel_values; else nothing."""
    import zipfile

    import numpy as np

    if path is None or not path.is_file() or not zipfile.is_zipfile(path):
        return []
    with np.load(path, allow_pickle=False) as archive:
        pixels = archive["pixel_values"] if "pixel_values" in archive.files else []
    return [{"pixel_values": image[None]} for image in pixels]


def _show(report: "LayersReport", console: "Console") -> None:
    from fathometer.report import print_rows, print_verdicts

    console.print(f"[bold]{report.network}[/]: {report.texts} texts, {report.tokens} tokens", highlight=False)
    heads = ["site", "mean cosine", "above 0.99", "energy", "moved", "beta", "tau", "explained"]
    beside = [f"explained, {report.control_name}"] if report.control else []
    print_rows([*heads, *beside], _site_cells(report), console)
    console.print("[bold]share explained by what takes more of the network over[/]")
    print_rows(["site", *_rungs(report)], _rung_cells(report), console)
    asked = [each for each in report.beside if not each.conclusion.startswith(ASKED_FOR)]
    print_verdicts([(f"text {each.text}", each.verdict) for each in asked], console)
    for line in (*_about_clouds(report), *report.notes, NOTHING):
        console.print(line, highlight=False, style="dim", markup=False)
    for line in report.findings:
        console.print(line, highlight=False, markup=False)


def _site_cells(report: "LayersReport") -> list[list[str]]:
    cells = []
    for number, site in enumerate(report.sites):
        step, other = site.step, report.control[number].step if report.control else None
        numbers = [site.numbers["mean_cosine"], site.numbers["close_pairs"], site.unit_energy]
        steps = [step and getattr(step, name) for name in ("moved", "beta", "tau")]
        beside = [_interval(other and other.explained)] if report.control else []
        shown = [site.site, *map(_value, (*numbers, *steps)), _interval(step and step.explained)]
        cells.append([*shown, *beside])
    return cells


def _rungs(report: "LayersReport") -> list[str]:
    return list(dict.fromkeys(name for site in report.sites if site.step is not None for name in site.step.ladder))


def _rung_cells(report: "LayersReport") -> list[list[str]]:
    steps = [(site.site, site.step.ladder) for site in report.sites if site.step is not None]
    return [
        [site, *(_interval(ladder[name].explained) if name in ladder else "-" for name in _rungs(report))]
        for site, ladder in steps
    ]


def _about_clouds(report: "LayersReport") -> list[str]:
    lines = []
    for cloud in report.clouds:
        margins, thresholds = (
            " to ".join(f"{e.value:.3g}" for e in pair) for pair in (cloud.hemisphere, cloud.threshold)
        )
        plateaus = ", ".join(f"{length:g}" for length in cloud.plateaus) or "none"
        lines.append(
            f"text {cloud.text}, first to last site: margin of a hemisphere {margins}; clusters are certified to live"
            f" long from beta {thresholds} on, against {report.beta:g}; plateaus of the energy, in blocks: {plateaus}"
        )
    return lines


def _value(estimate: "Estimate | None") -> str:
    import math

    return "-" if estimate is None or math.isnan(float(estimate.value)) else f"{estimate.value:.4g}"


def _interval(estimate: "Estimate | None") -> str:
    import math

    if estimate is None or not math.isfinite(float(estimate.lower)) or not math.isfinite(float(estimate.upper)):
        return _value(estimate)
    return f"{estimate.value:.4f} [{estimate.lower:.4f}, {estimate.upper:.4f}]"
