"""`fathometer certify bridge`: the routes from PAC-Bayes to every predictor at once, drawn."""

from fathometer.cli._options import FIGURES, AsJson, FigureOut, Form, Quick, Repetitions, Seed


def bridge(
    form: Form = "svg",
    repetitions: Repetitions = None,
    quick: Quick = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: FigureOut = FIGURES,
) -> int:
    """Draw the routes from PAC-Bayes to every predictor at once beside covering numbers, Rademacher and the truth."""
    from fathometer.cli._figure import draw_figure
    from fathometer.generalization.figures import draw

    return draw_figure(draw, "bridge", form, repetitions=repetitions, quick=quick, as_json=as_json, seed=seed, out=out)
