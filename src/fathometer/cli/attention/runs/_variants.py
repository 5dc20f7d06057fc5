"""Runs of the variants of the plain model, as the options of `attention simulate` ask for them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fathometer.attention import ParticleSystem
    from fathometer.cli.attention.runs._weights import Asked
    from fathometer.evidence import Estimate, Trajectory, Verdict


@dataclass(frozen=True)
class Parts:
    """What a layer has besides the plain model.

    Attributes:
        causal: a token sees only itself and those before it.
        hard: all weight goes to the token of the highest score.
        normalization: post, pre, peri or ngpt.
        kappa: inverse noise; None for none.
    """

    causal: bool
    hard: bool
    normalization: str
    kappa: float | None

    @property
    def plain(self) -> bool:
        """Whether it is the plain model."""
        return not (self.causal or self.hard) and self.normalization == "post" and self.kappa is None

    def words(self, asked: "Asked") -> str:
        """What it is, beside the weights, in words; empty for the plain model."""
        said = {
            "weights of a layer": asked.layer is not None,
            f"random values every {asked.redraw or 0:g}": asked.redraw is not None,
            "causal": self.causal,
            "hardmax": self.hard,
            f"{self.normalization} normalization": self.normalization != "post",
            f"kappa = {self.kappa or 0:g}": self.kappa is not None,
        }
        return ", ".join(word for word, so in said.items() if so)


class VariantOutcome(NamedTuple):
    """A run as recorded tokens, what is shown of it, what it is judged by, and its weights if it has some."""

    run: "Trajectory"
    observed: "dict[str, Estimate]"
    verdicts: "list[Verdict]"
    weights: dict[str, Any] | None


def run_variant(
    system: "ParticleSystem",
    times: "NDArray[np.float64]",
    parts: Parts,
    asked: "Asked",
    engine: str,
    precision: str,
    seed: int,
) -> VariantOutcome:
    """Simulate a variant, observe its states as recorded ones, and hold the theorems on variants against it.

    Args:
        system: the tokens.
        times: shape (length,), increasing from 0.
        parts: which variant.
        asked: its weights.
        engine: plain or auto.
        precision: float64.
        seed: of the noise, and of random values.
    """
    from fathometer import attention
    from fathometer.attention.dynamics import variants, weights
    from fathometer.cli.attention.runs._weights import described
    from fathometer.evidence import InputError

    if engine == "large" or precision != "float64":
        raise InputError(f"variants run with the plain engine in float64 only, got {engine} and {precision}")
    if parts.normalization not in list(variants.Normalization):
        known = ", ".join(variants.Normalization)
        raise InputError(f"normalization must be one of {known}, got {parts.normalization!r}")
    if parts.kappa is not None and asked.redraw is not None:
        raise InputError("give either --kappa or --value random:DT: one kind of noise at a time")
    rules = {"causal": parts.causal, "normalization": variants.Normalization(parts.normalization), "hard": parts.hard}
    variant = (asked.layer or weights.LayerWeights()).of(system, **rules)
    observables = [attention.UNIT_ENERGY, attention.CLUSTER_COUNT, attention.MEAN_COSINE]
    if asked.redraw is not None:
        run = weights.simulate_random_values(weights.RandomValues(system, asked.redraw, variant), times, seed=seed)
        observables += [weights.MEAN_SQUARED_COSINE, weights.ANTIPODAL_PAIRS]
    elif parts.kappa is None:
        run = variants.simulate_variant(variant, times)
    else:
        run = variants.simulate_noisy(variants.NoisySystem(system, parts.kappa, variant), times, seed=seed)
        observables += [variants.ORDER_PARAMETER]
    tokens = variants.as_tokens(run)
    observed = {one.name: tokens.observe(one) for one in observables}
    given = None if asked.plain else described(variant, asked.redraw)
    return VariantOutcome(tokens, observed, attention.run_verdicts(run), given)


def noise_onset(system: "ParticleSystem", parts: Parts) -> "tuple[float | None, str]":
    """Inverse noise at which infinitely many such tokens stop being uniform, and what that says about a run.

    None and nothing without noise, or for layers that the theory of the onset is not about.

    Args:
        system: the tokens.
        parts: which variant.
    """
    from fathometer.attention.dynamics.variants import critical_kappa

    if parts.kappa is None or parts.causal or parts.hard or parts.normalization != "post":
        return None, ""
    (n, dim), model = system.points.shape, system.model
    onset = float(critical_kappa(dim, system.beta, model).value)
    below = parts.kappa < onset
    side, fate = ("below", "stay so") if below else ("above", "form a cluster")
    return onset, (
        f"kappa = {parts.kappa:g} is {side} the onset {onset:.6g} in dimension {dim}: infinitely many tokens that start"
        f" nearly uniform {fate}; the order parameter of {n} tokens is about {n**-0.5:.2g} or more in any case."
    )
