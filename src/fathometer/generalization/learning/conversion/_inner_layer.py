"""The conversion through the output for an update of an inner layer: low-rank, or of the biases alone.

A network s(x) = <a, relu(W x + b + A' v(x))> + c has everything but the update A fixed before the rows are seen: v(x) =
V' x for a few directions V (a low-rank update), or v(x) = 1 (biases). Noise Z of width sigma in A moves the inputs of
the k units by sigma |v(x)| times a standard Gaussian in R^k, whatever the rank is.

Let A err, y s_A(x) <= 0, and F(Z) = y s_{A + Z}(x).

1. A rectified unit is convex, and its mean under noise of width u is at most u/sqrt(2 pi) above its value. Units with
   y a_j < 0 only lower F. So E F <= sigma |v| sum_j max(y a_j, 0)/sqrt(2 pi).
2. F is a function of the Gaussian with Lipschitz constant L = sigma |v| |a|. By the Gaussian isoperimetric inequality
   its increasing rearrangement T(xi), xi ~ N(0, 1), is L-Lipschitz too. If T exceeded tau beyond some z < t, then
   E F >= tau - L E max(z - xi, 0) > tau - L (t Phi(t) + phi(t)). Hence

       P(F <= E F + L (t Phi(t) + phi(t))) >= Phi(t) for every t.

So with the width g(x, y) = sigma |v(x)| (|a| (t Phi(t) + phi(t)) + sum_j max(y a_j, 0)/sqrt(2 pi)), which no update
decides, 1[A errs] <= P_Z(y s_{A + Z}(x) <= g)/Phi(t) for every A, x and y. Maurer-Seeger for the loss 1[y s <= g] gives
`output_conversion` with the squared Frobenius norm in the KL. The Gibbs risk has no closed form: draws of the noise,
fresh for each row, give its upper limit by the kl inverse, which holds for means of independent unequal trials, and
cost a delta of their own.

Monte Carlo can not replace the constant of step 1 and 2: it must hold at rows that are not in the sample, and for
every A, while draws at the sample's rows speak of those rows alone.

Without noise, |s_A(x) - s_0(x)| <= |a| |A| |v(x)| with the spectral norm of A: transport of margins.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import minimize
from scipy.special import expit, ndtr


@dataclass(frozen=True, eq=False)
class InnerUpdate:
    """A network with one hidden layer whose inputs may be moved by an update, all else fixed in advance.

    Attributes:
        weights: shape (d, k), W of the fixed layer.
        bias: shape (k,), b.
        out: shape (k,), a.
        shift: c.
        directions: shape (d, r), orthonormal; None for an update of the biases.
    """

    weights: Float[np.ndarray, "d k"]
    bias: Float[np.ndarray, " k"]
    out: Float[np.ndarray, " k"]
    shift: float
    directions: Float[np.ndarray, "d r"] | None

    @property
    def shape(self) -> tuple[int, int]:
        """(r, k), of an update."""
        return (1 if self.directions is None else self.directions.shape[1], self.out.size)

    def inputs(self, x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n r"]:
        """What the update is multiplied with: v(x)."""
        return np.ones((len(x), 1)) if self.directions is None else x @ self.directions

    def before(self, x: Float[np.ndarray, "n d"], update: Float[np.ndarray, "r k"]) -> Float[np.ndarray, "n k"]:
        """Inputs of the hidden units.

        Args:
            x: rows.
            update: A.
        """
        return x @ self.weights + self.bias + self.inputs(x) @ update

    def scores_of(self, before: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " n"]:
        """Scores from the inputs of the hidden units."""
        return np.maximum(before, 0) @ self.out + self.shift

    def scores(self, x: Float[np.ndarray, "n d"], update: Float[np.ndarray, "r k"]) -> Float[np.ndarray, " n"]:
        """Scores; the sign decides, and 0 is wrong.

        Args:
            x: rows.
            update: A.
        """
        return self.scores_of(self.before(x, update))

    def lengths(self, x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
        """|v(x)|."""
        return np.linalg.norm(self.inputs(x), axis=1)

    def margin_width(
        self, x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], threshold: float
    ) -> Float[np.ndarray, " n"]:
        """Width of the margin for noise of width 1: what a wrong score stays below with probability Phi(threshold).

        Args:
            x: rows.
            y: -1 or 1.
            threshold: t, at least 0.
        """
        concentrated = threshold * ndtr(threshold) + np.exp(-(threshold**2) / 2) / np.sqrt(2 * np.pi)
        rise = np.where(y > 0, np.maximum(self.out, 0).sum(), np.maximum(-self.out, 0).sum()) / np.sqrt(2 * np.pi)
        return self.lengths(x) * (np.linalg.norm(self.out) * concentrated + rise)

    def transported_width(self, x: Float[np.ndarray, "n d"], reach: float) -> Float[np.ndarray, " n"]:
        """How far any update of spectral norm at most `reach` can move the scores.

        Args:
            x: rows.
            reach: at least 0.
        """
        return np.linalg.norm(self.out) * reach * self.lengths(x)

    def noisy_errors(
        self,
        x: Float[np.ndarray, "n d"],
        y: Float[np.ndarray, " n"],
        update: Float[np.ndarray, "r k"],
        sigma: float,
        thresholds: tuple[float, ...],
        draws: int,
        rng: np.random.Generator,
    ) -> Int[np.ndarray, " counts"]:
        """How often a noisy update errs, then how often its margin is at most the width of each threshold.

        Args:
            x: rows.
            y: -1 or 1.
            update: A.
            sigma: standard deviation of the noise, positive.
            thresholds: each at least 0.
            draws: of fresh noise for each row.
            rng: where the noise comes from.
        """
        before, spread = self.before(x, update), (sigma * self.lengths(x))[:, None]
        widths = np.array([np.zeros(len(x)), *(sigma * self.margin_width(x, y, t) for t in thresholds)])
        counts = np.zeros(len(widths), np.int64)
        for _ in range(draws):
            margins = y * self.scores_of(before + spread * rng.normal(size=before.shape))
            counts += np.sum(margins <= widths * (1 + 1e-12), axis=1)
        return counts

    def trained(
        self, x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], penalty: float
    ) -> Float[np.ndarray, "r k"]:
        """An update that lowers the logistic loss and stays near 0; certificates ask nothing of it.

        Args:
            x: rows.
            y: -1 or 1.
            penalty: weight of |A|^2/2 against the sum of the losses, at least 0.
        """
        inputs, fixed = self.inputs(x), x @ self.weights + self.bias

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            before = fixed + inputs @ flat.reshape(self.shape)
            margins = y * self.scores_of(before)
            pull = inputs.T @ ((before > 0) * self.out * (-y * expit(-margins))[:, None])
            return np.logaddexp(0, -margins).sum() + penalty * flat @ flat / 2, pull.ravel() + penalty * flat

        start = np.zeros(self.shape).ravel()
        return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100}).x.reshape(self.shape)
