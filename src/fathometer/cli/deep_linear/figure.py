"""`fathometer deep-linear figure`: the figures of the paper, and ours."""

from fathometer.cli._options import FIGURES, AsJson, FigureName, FigureOut, Form, Quick, Repetitions, Seed


def figure(
    name: FigureName,
    form: Form = "svg",
    repetitions: Repetitions = None,
    quick: Quick = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: FigureOut = FIGURES,
) -> int:
    """Draw a figure of Marion and Chizat (2024), or one of ours, with the expected numbers beside the measured ones.

    The names all and paper-linear stand for several: every figure, and those of the paper on linear networks.
    """
    from fathometer.cli._figure import draw_figure, draw_figures
    from fathometer.deep_linear.figures import GROUPS, draw

    how = {"repetitions": repetitions, "quick": quick, "as_json": as_json, "seed": seed, "out": out}
    if name in GROUPS:
        return draw_figures(draw, name, GROUPS[name], form, **how)
    return draw_figure(draw, name, form, **how)
