"""One self-contained HTML page about one certificate, for someone who has a minute."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import numpy as np

from fathometer.evidence import Answer, Check, Estimate, Status, text_confidence, text_ends, text_near, text_up
from fathometer.report._certificate_charts import (
    BASELINE,
    LearningCurve,
    RiskRow,
    RiskRows,
    percent_ends,
    percent_near,
    percent_up,
)
from fathometer.report._files import write_text
from fathometer.report._tables import TextTable

ANSWERS = {Answer.HOLDS: "✓ yes", Answer.FAILS: "✗ NO", Answer.UNDECIDABLE: "? not checked"}

UNKNOWN = "not known"

UNSEEN = (
    "Independence: that the rows were drawn independently of each other, and from where the new rows come.",
    "Drift: that rows after today are drawn like these. A certificate does not hold for other rows.",
    "Near copies: rows that are copies of others, but not equal to the last bit.",
    "Seeds: how many seeds, models or data sets were tried before this certificate was kept.",
    "Labels: that the labels of the rows are right. Losses are counted against them.",
)
"""What no computation on the rows can tell."""


@dataclass(frozen=True)
class CertificatePage:
    """What the page of a certificate says. Risks are shares in [0, 1]; what is None is not known, and said to be.

    Attributes:
        title: of the page, such as the name of the model.
        sentence: what is certified, as `certified_sentence` writes it.
        delta: total probability with which a row may fail.
        rows: of the ledger, in the order in which they are shown.
        certificate: the certified upper bound that the sentence is about; None if there is none.
        training_risk: on the rows that trained.
        held_out_risk: on the rows that certify.
        test_risk: of the same predictor on rows that nothing used.
        majority_risk: of always naming the most frequent class.
        gap: risk on new rows minus training risk.
        overfitting: one sentence; empty if nothing is known.
        warnings: why the certificate must not be relied on, one sentence each; they stand first.
        checked: assumptions that were looked at here.
        unseen: assumptions that nothing here can check, one sentence each.
        seed: of the split; None if nothing was random.
        seed_given: whether the user chose it; None if that is not known.
        data: facts about the table by name, its digest included.
        sizes: rows by part.
        versions: of packages, by name.
        predictor_file: name of the file of the predictor; None if there is none.
        predictor_sha256: of that file.
        notes: what was done, one sentence each.
        baseline: what the majority risk is the risk of, in words.
        per_class: a table by class; None if there is none.
        curve: risk and certificate against training rows; None if there is none.
        drift: whether new rows look like these; None if that was not tested.
        tables: more of them, such as the candidates.
    """

    title: str
    sentence: str
    delta: float
    rows: tuple[RiskRow, ...]
    certificate: float | None = None
    training_risk: Estimate | None = None
    held_out_risk: Estimate | None = None
    test_risk: Estimate | None = None
    majority_risk: Estimate | None = None
    gap: Estimate | None = None
    overfitting: str = ""
    warnings: tuple[str, ...] = ()
    checked: tuple[Check, ...] = ()
    unseen: tuple[str, ...] = UNSEEN
    seed: int | None = None
    seed_given: bool | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    predictor_file: str | None = None
    predictor_sha256: str | None = None
    notes: tuple[str, ...] = ()
    baseline: str = BASELINE
    per_class: TextTable | None = None
    curve: LearningCurve | None = None
    drift: Check | None = None
    tables: tuple[TextTable, ...] = ()

    @property
    def majority(self) -> float | None:
        """The majority risk as a number."""
        return None if self.majority_risk is None else float(self.majority_risk.value)

    @property
    def alarms(self) -> tuple[str, ...]:
        """The warnings, and one for each thing in the numbers that speaks against the certificate."""
        low = sum(row.status is Status.VIOLATED for row in self.rows)
        below = (f"{low} of {len(self.rows)} rows lie below the risk measured on the test part.",) if low else ()
        failed = [check for check in (*self.checked, self.drift) if check and check.answer is Answer.FAILS]
        return (
            *self.warnings,
            *self._useless,
            *below,
            *(f"{check.hypothesis}: no. {check.explanation}" for check in failed),
        )

    @property
    def _useless(self) -> tuple[str, ...]:
        if self.certificate is None or self.majority is None or self.certificate < self.majority:
            return ()
        largest = f"the risk of {self.baseline} ({percent_near(self.majority)})"
        return (f"The certificate is not below {largest}: it says nothing of use.",)

    @property
    def headline(self) -> tuple[tuple[str, str, str], ...]:
        """Name, number and interval of each risk in percent; the certificate is rounded up."""
        certified = "" if self.certificate is None else f"with probability at least {text_confidence(self.delta)}"
        lines = (
            _line("risk on the rows it was trained on", self.training_risk),
            _line("risk on the rows that certify", self.held_out_risk),
            _line("risk on the test rows, which nothing used", self.test_risk),
            ("certificate: risk on new rows, at most", _or_none(self.certificate), certified),
            _line(self.baseline, self.majority_risk),
            _line("gap: risk on new rows minus training risk", self.gap),
        )
        return tuple(line for line in lines if line[1] != UNKNOWN)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the risks that the certificate does not hold."""
        risks = {
            "risk on the rows it was trained on": self.training_risk,
            "risk on the rows that certify": self.held_out_risk,
            "risk on the test rows": self.test_risk,
            f"risk of {self.baseline}": self.majority_risk,
            "gap": self.gap,
        }
        return tuple(name for name, risk in risks.items() if risk is None)

    @property
    def picture(self) -> RiskRows | None:
        """The certificates beside what was measured."""
        if not self.rows:
            return None
        left_out = len(self.rows) - len(RiskRows("", self.rows).drawn)
        more = f" {left_out} more rows are in the table under Details." if left_out else ""
        line = "" if self.majority is None else f" Left of the dash-dotted line is better than {self.baseline}."
        return RiskRows("", self.rows, self.majority, self.baseline, caption=_CAPTION + line + more)

    @property
    def picture_in_words(self) -> str:
        """What the picture shows, for someone who does not see it."""
        kept = [f"{row.bound} at most {_or_none(row.value)}" for row in self.rows if row.wins]
        line = "" if self.majority is None else f"; {self.baseline}: {percent_near(self.majority)}"
        return f"Bars of {len(self.rows)} certificates: {', '.join(kept) or 'none says anything'}{line}."

    @property
    def curve_table(self) -> TextTable | None:
        """The numbers of the learning curve."""
        return None if self.curve is None else _numbers(self.curve)

    @property
    def origin(self) -> tuple[tuple[str, str], ...]:
        """Name and value of all that it takes to get the certificate again."""
        chosen = {None: "", True: ", chosen by the user", False: ", fixed from the data, not chosen"}[self.seed_given]
        return (
            ("seed", "none: nothing was random" if self.seed is None else f"{self.seed}{chosen}"),
            *self.data.items(),
            ("rows by part", ", ".join(f"{name} {size}" for name, size in self.sizes.items()) or "not known"),
            ("file of the predictor", self.predictor_file or "none"),
            ("SHA-256 of that file", self.predictor_sha256 or "none"),
            ("versions", ", ".join(f"{name} {version}" for name, version in self.versions.items()) or "not known"),
        )

    def html(self) -> str:
        """Render the page: one file, no script, no network."""
        loader = jinja2.PackageLoader("fathometer.report", "templates")
        environment = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        environment.filters |= {"up": text_up, "estimate": _estimate}
        text = environment.get_template("certificate.html").render(
            page=self, answers=ANSWERS, confidence=text_confidence
        )
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


_CAPTION = (
    "Bars: the certified upper bound of each row, the dark one is the certificate of this page. Diamonds: the risk of "
    "the same predictor measured on the test part, with its interval."
)


def certified_sentence(value: float | None, delta: float, subject: str = "this predictor") -> str:
    """Say what a certificate says; the number is rounded up and the probability down.

    Args:
        value: certified upper bound on a 0/1 risk, in [0, 1]; None if no row says anything.
        delta: total probability of a failure, in [0, 1].
        subject: what errs, such as "this predictor".
    """
    if value is None:
        return "No certificate: no row of the ledger says more than that the risk is at most 100 %."
    sure = f"With probability at least {text_confidence(delta)}"
    return f"{sure}, {subject} errs on at most {percent_up(value)} of new rows drawn like these."


def write_certificate_page(path: Path, page: CertificatePage) -> None:
    """Write the page of a certificate in one step."""
    write_text(path, page.html())


def _line(name: str, estimate: Estimate | None) -> tuple[str, str, str]:
    if estimate is None:
        return name, UNKNOWN, ""
    ends = percent_ends(estimate)
    sure = f" ({percent_near(estimate.confidence)} interval)" if ends and estimate.confidence is not None else ""
    return name, percent_near(float(estimate.value)), ends + sure


def _numbers(curve: LearningCurve) -> TextTable:
    columns = {"certificate": curve.bound, "risk": curve.risk, "training risk": curve.training, "gap": curve.gap}
    known = {name: Estimate.of(values) for name, values in columns.items() if values is not None}
    sizes = np.asarray(curve.sizes)
    rows = tuple((f"{size:.0f}", *(_cell(values, i) for values in known.values())) for i, size in enumerate(sizes))
    return TextTable("", ("training rows", *known), rows)


def _cell(values: Estimate, i: int) -> str:
    """One number with its interval; a number without one is rounded up, since it may be a bound."""
    value, lower, upper = (float(np.asarray(ends)[i]) for ends in (values.value, values.lower, values.upper))
    return text_up(value, 4) if lower == upper else f"{text_near(value, 4)} {text_ends(lower, upper, 4)}"


def _or_none(value: float | None) -> str:
    return "none" if value is None else percent_up(value)


def _estimate(estimate: Estimate | None) -> str:
    return "not measured" if estimate is None else estimate.text(4)
