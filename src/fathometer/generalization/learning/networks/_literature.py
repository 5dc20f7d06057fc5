"""Certificates on the 0/1 error of MNIST in the literature, to be read beside one's own."""

from dataclasses import dataclass

from fathometer.evidence import Record


@dataclass(frozen=True, eq=False)
class Published(Record):
    """One certificate from a paper.

    Attributes:
        source: the paper.
        predictor: what is certified.
        certificate: upper bound on the 0/1 error.
        test: error on the test images; None if it is not given.
        remark: how the numbers were obtained for this table.
    """

    source: str
    predictor: str
    certificate: float
    test: float | None
    remark: str


LITERATURE = (
    Published("Viallard et al. 2024 (disintegrated)", "one sampled network, prior on 50 %", 0.012, 0.006, "published"),
    Published("Perez-Ortiz et al. 2021", "Gibbs, convolutional, learnt prior", 0.0155, 0.0104, "from memory"),
    Published("Rivasplata et al. 2019", "Gibbs, fully connected, learnt prior", 0.023, 0.014, "published, rounded"),
    Published("Perez-Ortiz et al. 2021", "Gibbs, fully connected, learnt prior", 0.0279, 0.0202, "from memory"),
    Published("Viallard et al. 2024 (disintegrated)", "Gibbs, prior on 50 %", 0.035, None, "published"),
    Published("Lotfi et al. 2022", "quantised, data-free prior", 0.116, None, "from memory"),
    Published("Dziugaite, Roy 2017", "Gibbs, 600 units, two classes", 0.161, 0.034, "from memory"),
)
