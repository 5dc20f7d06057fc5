"""Conversion through the output (Route E): from Gibbs risks to every linear predictor at once, without dimension.

The other routes move a predictor h in parameter space, where a Gaussian of width sigma is about sigma sqrt(d) away from
its centre. A loss sees only the score: for Z ~ N(0, sigma^2 I_d), <h + Z, x> ~ N(<h, x>, sigma^2 |x|^2) for every d.

Two classes. Fix sigma and t >= 0, and let l(h', (x, y)) = 1[y <h', x> <= sigma |x| t], a loss in {0, 1} that no data
decide. If h errs, y <h, x> <= 0, then

    P(y <h + Z, x> <= sigma |x| t) = Phi(t - y <h, x> / (sigma |x|)) >= Phi(t),

so that 1[h errs at (x, y)] <= E_Z l(h + Z, (x, y)) / Phi(t) for every h, x and y (where x = 0, h errs and l = 1). The
width sigma |x| t of the margin belongs to the row: no bound on |x| is needed, and only y <h, x>/|x| matters. The
Maurer-Seeger bound for l, prior N(h_0, sigma^2 I) and all posteriors N(h, sigma^2 I) gives the certificate; K pairs
(sigma, t), or centres h_0, that were fixed in advance share delta. As the bound holds for every h, the length of h is
free too. Among losses f(margin) in [0, 1] with the same mean for a margin of 0, this step has the smallest mean for any
mixture of larger margins: their likelihood ratio is monotone (lemma of Neyman and Pearson).

Several classes. Scores <h_k, x>, noise for every weight, M_j = <h_y - h_j, x>, l = 1[min_j M_j <= sqrt(2) sigma |x| t].
If h errs, ties included, some M_j <= 0 with j != y. The noise of that M_j has variance 2 sigma^2 |x|^2, hence
E_Z l >= P(M_j + noise <= sqrt(2) sigma |x| t) >= Phi(t), as before. The same certificate holds, with the squared
Frobenius norm in the KL. E_Z l is at most min(1, sum_j Phi(t - M_j/(sqrt(2) sigma |x|))), and as kl^-1 grows with the
risk, the sample mean of this may stand for it. Adding one vector to all h_k changes no margin.

Score losses. An L-Lipschitz loss changes by at most L |<Z, x>|, whose mean is L sigma |x| sqrt(2/pi).
"""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key
from fathometer.generalization.bounds._normal import normal_cdf
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, LIPSCHITZ, M, c_m
from fathometer.generalization.bounds._references import BIGGS
from fathometer.numerics import SLACK, Wide, kl_inverse_upper, round_up
from fathometer.numerics.arithmetic._gamma_ratio import PI

_KL = Key("kl", "|h - h_0|^2/(2 sigma^2), KL(posterior || prior) in nats", at_least=0, may_diverge=True)
_RISK = Key(
    "risk",
    "mean over the sample of the probability, or a bound on it, that the margin of h + Z is at most t standard "
    "deviations of its noise",
    at_least=0,
    at_most=1,
)
_THRESHOLD = Key(
    "threshold", "t, width of the margin in standard deviations of its noise, fixed in advance", at_least=0
)
_HYPOTHESES = Key(
    "hypotheses", "number of settings (sigma, t, h_0) that were tried", at_least=1, required=False, default=1
)
_GIBBS_RISK = Key("risk", "mean over the sample of E_Z of the loss of h + Z", at_least=0, at_most=1)
_SIGMA = Key("sigma", "standard deviation of the noise, fixed in advance", above=0)
_FEATURE_NORM = Key(
    "feature_norm",
    "mean norm of an input, or the largest, known without the sample",
    above=0,
    required=False,
    default=1,
)


def _output_conversion(risk: Wide, kl: Wide, threshold: Wide, hypotheses: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Inverse kl of the smoothed margin risk, divided by Phi(t)."""
    c, kept = c_m(kl, m, delta / hypotheses), normal_cdf(threshold)
    terms = {"smoothed_risk": risk, "c_m": c, "phi_t": kept}
    return round_up(kl_inverse_upper(risk, c) / kept, 8 * SLACK), terms


def _output_conversion_lipschitz(
    risk: Wide, kl: Wide, lipschitz: Wide, sigma: Wide, hypotheses: Wide, m: Wide, delta: Wide, feature_norm: Wide
) -> Evaluation:
    """Inverse kl of the smoothed risk, and the way back."""
    c = c_m(kl, m, delta / hypotheses)
    transport = lipschitz * sigma * feature_norm * np.sqrt(2 / PI)
    return round_up(kl_inverse_upper(risk, c) + transport), {"smoothed_risk": risk, "c_m": c, "transport": transport}


BOUNDS = (
    Bound(
        id="output_conversion",
        title="Conversion through the output",
        statement=(
            "With probability at least 1 - delta, every linear classifier h has 0/1 risk at most kl^-1(rho_h[R_S], "
            "(|h - h_0|^2/(2 sigma^2) + ln(2 sqrt(m) K/delta))/m)/Phi(t), rho_h[R_S] the mean probability that the "
            "margin of h + N(0, sigma^2 I) is at most t standard deviations of its noise, sigma |x| for two classes "
            "and sqrt(2) sigma |x| for each difference of several; so has a last layer on features that saw no sample."
        ),
        certificate="kl^-1(risk, (kl + ln(2 sqrt(m) hypotheses/delta))/m)/Phi(threshold)",
        certifies=Certifies.ALL,
        loss="0/1, linear classifiers",
        data=IID,
        divergence="KL of Gaussians of one width",
        prior=DATA_FREE,
        source=Source(
            BIGGS, "margins by smoothing", "derived here: margins of h + Z in closed form, one width for each row"
        ),
        keys=(_RISK, _KL, _THRESHOLD, _HYPOTHESES, M, DELTA),
        evaluate=_output_conversion,
    ),
    Bound(
        id="output_conversion_lipschitz",
        title="Conversion through the output, Lipschitz losses",
        statement=(
            "With probability at least 1 - delta, every linear predictor h has risk at most kl^-1(rho_h[R_S], "
            "(|h - h_0|^2/(2 sigma^2) + ln(2 sqrt(m) K/delta))/m) + L sigma X sqrt(2/pi), rho_h[R_S] the empirical "
            "risk of N(h, sigma^2 I) and X the mean norm of an input."
        ),
        certificate="kl^-1(risk, (kl + ln(2 sqrt(m) hypotheses/delta))/m) + L sigma X sqrt(2/pi)",
        certifies=Certifies.ALL,
        loss="in [0, 1], L-Lipschitz in the score of a linear predictor",
        data=IID,
        divergence="KL of Gaussians of one width",
        prior=DATA_FREE,
        source=Source(BIGGS, "margins by smoothing", "derived here: W1 of the score to its smoothed law"),
        keys=(_GIBBS_RISK, _KL, LIPSCHITZ, _SIGMA, _HYPOTHESES, M, DELTA, _FEATURE_NORM),
        evaluate=_output_conversion_lipschitz,
    ),
)
