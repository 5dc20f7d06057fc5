"""Held-out rows that were drawn class by class."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DELTA, IID, UNIT_LOSS
from fathometer.generalization.bounds._references import AGRAWAL
from fathometer.numerics import Wide, kl_inverse_upper

_TOTAL = Key("total", "sum of the losses on the held-out rows, or number of errors", at_least=0)
_ROWS = Key("rows", "number of rows of the table before the split", KeyKind.INTEGER, at_least=1)
_SHARE = Key("share", "share of the rows of each class that is held out at least, fixed in advance", above=0, below=1)
_CLASSES = Key("classes", "number of classes, or 1 if the predictor has seen no row", KeyKind.INTEGER, at_least=1)


def _stratified_kl(total: Wide, rows: Wide, share: Wide, classes: Wide, delta: Wide) -> Evaluation:
    """Chernoff bound with n = f N, and a price for a predictor that knows how often each class came.

    N i.i.d. rows hold N_c rows of class c, of probability q_c, and n_c >= f N_c of them are held out. Given the counts
    and the other rows, which the predictor may be made from, held-out rows of a class are i.i.d., so that for t > 0,
    r_c the risk in class c and u_c = 1 - r_c (1 - e^-t)

        E[e^(-t total) | counts, predictor] <= prod_c u_c^(n_c) <= prod_c u_c^(f N_c)
            <= (sum_c q_c u_c)^(fN) exp(f N KL(N_c/N || q)).

    The last step is the Donsker-Varadhan inequality. It is paid for because the training rows show the counts, which
    are therefore not multinomial given the predictor: one that errs in the classes that came less often than expected
    has fewer errors than its risk on every split. As sum_c q_c u_c = 1 - R (1 - e^-t), the best t gives Chernoff's
    bound e^(-fN kl), times the mean of exp(f N KL). That mean is at most (1 - f)^-(K-1): the KL of a multinomial law is
    a sum of K - 1 binary ones by the chain rule, and for each of them, with s_k = (1 - f) q + f k/n,

        E exp(f n kl(k/n || q)) <= sum_k C(n,k) s_k^k (1 - s_k)^(n-k) = sum_j f^j n!/((n-j)! n^j) <= 1/(1 - f),

    by the inequality of the means in each factor, and Cauchy's extension of Abel's identity. Without a predictor that
    depends on the counts the price is none: E prod_c u_c^(f N_c) = (sum_c q_c u_c^f)^N <= (sum_c q_c u_c)^(fN) by
    Jensen's inequality, which is the case of one class.
    """
    n = share * rows
    price = -(classes - 1) * np.log1p(-share)
    risk, c = np.minimum(total / n, 1), (price - np.log(delta)) / n
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "n_effective": n, "price": price, "c": c}


BOUNDS = (
    Bound(
        id="stratified_kl",
        title="Held-out bound for a stratified split",
        statement=(
            "If N i.i.d. rows are split so that at least a share f, fixed in advance, of the rows of each of K classes "
            "is held out, and a predictor is made from the other rows, its risk is at most kl^-1(total/(fN), "
            "(ln(1/delta) + (K-1) ln(1/(1-f)))/(fN)), with probability at least 1 - delta."
        ),
        certificate="kl^-1(min(1, total/n), ((classes - 1) ln(1/(1 - share)) + ln(1/delta))/n), n = share rows",
        certifies=Certifies.ONE,
        loss=UNIT_LOSS,
        data=f"{IID} before the split, which takes rows of each class uniformly; classes are a function of the row",
        source=Source(
            AGRAWAL,
            "moment generating function of the multinomial relative entropy",
            "derived here: Chernoff's bound given the counts of the classes, and the mean of exp(f N KL)",
        ),
        keys=(_TOTAL, _ROWS, _SHARE, _CLASSES, DELTA),
        evaluate=_stratified_kl,
    ),
)
