"""A model card in Markdown: the front matter of Hugging Face and the headings of Model Cards for Model Reporting."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fathometer.evidence import Check, Estimate, text_confidence, text_near, text_up
from fathometer.report._certificate_page import ANSWERS, CertificatePage, TextTable

OWNER = "**To be written by the owner:**"
"""Stands where only the owner of the model knows what to write."""


@dataclass(frozen=True)
class CardDetails:
    """What a certificate does not know about its model.

    Attributes:
        name: of the model; the title of the page if empty.
        dataset: name of the data set; a general one if empty.
        task: identifier of Hugging Face.
        license: identifier of Hugging Face, such as apache-2.0; None if it is not known.
        library: that loads the model.
        tags: for the search of a hub.
        metric: identifier of the metric that the test risk is one minus; None for a regression, which has none.
        owner: who answers for the model; None if it is not known.
        use: what it is meant for; None if it is not known.
    """

    name: str = ""
    dataset: str = ""
    task: str = "tabular-classification"
    license: str | None = None
    library: str = "fathometer"
    tags: tuple[str, ...] = ("tabular", "certified-risk")
    metric: str | None = "accuracy"
    owner: str | None = None
    use: str | None = None


def model_card(page: CertificatePage, details: CardDetails | None = None) -> str:
    """Write a model card: what the certificate knows is filled in, the rest is marked for the owner.

    Mitchell et al., "Model Cards for Model Reporting" (2019), name the sections; the front matter is that of Hugging
    Face, with a `model-index`.

    Args:
        page: of the certificate.
        details: what the certificate does not know; what is left out is marked.
    """
    given = details or CardDetails()
    sections = {
        "Model details": _model(page, given),
        "Intended use": _use(given),
        "Factors": _factors(page),
        "Metrics": _metrics(page),
        "Evaluation data": _evaluation(page, given),
        "Training data": _training(page, given),
        "Quantitative analyses": _analyses(page),
        "Ethical considerations": [f"{OWNER} who is affected by a wrong answer, and how; sensitive columns."],
        "Caveats and recommendations": _caveats(page),
    }
    body = "\n\n".join("\n".join([f"## {title}", "", *lines]) for title, lines in sections.items())
    return f"{_front(page, given)}\n# {_text(given.name or page.title)}\n\n> {_text(page.sentence)}\n\n{body}\n"


def _front(page: CertificatePage, given: CardDetails) -> str:
    name, dataset = given.name or page.title, given.dataset or "unknown"
    lines = ["---", f"license: {_quoted(given.license or 'unknown')}", f"library_name: {_quoted(given.library)}"]
    lines += ["tags:", *(f"- {_quoted(tag)}" for tag in given.tags)] if given.tags else ["tags: []"]
    lines += ["datasets:", f"- {_quoted(dataset)}"] if given.dataset else ["datasets: []"]
    lines += ["model-index:", f"- name: {_quoted(name)}", "  results:"]
    lines += ["  - task:", f"      type: {_quoted(given.task)}", "    dataset:"]
    lines += [f"      name: {_quoted(dataset)}", f"      type: {_quoted(dataset)}", "      split: test"]
    measures = [line for kind, label, value in _measures(page, given) for line in _measure(kind, label, value)]
    lines += ["    metrics:", *measures] if measures else ["    metrics: []"]
    kinds = [_quoted(kind) for kind, *_ in _measures(page, given)]
    lines += ["metrics:", *(f"- {kind}" for kind in dict.fromkeys(kinds))] if kinds else ["metrics: []"]
    return "\n".join([*lines, "---", ""])


def _measures(page: CertificatePage, given: CardDetails) -> list[tuple[str, str, str]]:
    """Identifier, name and value of each number of the index; the certificate is rounded up."""
    found = []
    if page.test_risk is not None and given.metric is not None:
        right = 1 - float(page.test_risk.value)
        found.append((given.metric, "on the test part, which nothing used", text_near(right, 6)))
    if page.test_risk is not None and given.metric is None:
        found.append(("risk", "on the test part, which nothing used", text_near(page.test_risk.value, 6)))
    if page.certificate is not None:
        label = f"upper bound on the risk on new rows, with probability {text_confidence(page.delta)}"
        found.append(("certified_risk", label, text_up(page.certificate, 6)))
    return found


def _measure(kind: str, label: str, value: str) -> list[str]:
    return [
        f"    - type: {_quoted(kind)}",
        f"      name: {_quoted(label)}",
        f"      value: {_number(value)}",
        "      verified: false",
    ]


def _model(page: CertificatePage, given: CardDetails) -> list[str]:
    return _facts(
        {
            "Name": given.name or page.title,
            "Owner": given.owner,
            "License": given.license,
            "Version and date": None,
            "File of the predictor": page.predictor_file or "none",
            "SHA-256 of that file": page.predictor_sha256 or "none",
            "Made with": ", ".join(f"{name} {version}" for name, version in page.versions.items()) or "not known",
        }
    )


def _use(given: CardDetails) -> list[str]:
    return [
        *_facts({"Primary use": given.use, "Primary users": None}),
        f"- **Out of scope:** rows that are not drawn like those that certify. {OWNER} other uses.",
    ]


def _factors(page: CertificatePage) -> list[str]:
    classes = _table(page.per_class) if page.per_class else []
    return [*classes, f"{OWNER} groups of people, instruments or places for which the risk may differ."]


def _metrics(page: CertificatePage) -> list[str]:
    return [
        "Risk: mean loss, between 0 and 1; for classes the share of wrong answers. Beside the measured risks stands "
        "the certificate, an upper bound on the risk on new rows. It fails with probability at most "
        f"{text_up(page.delta, 5)}, over the draw of the rows that certify."
    ]


def _evaluation(page: CertificatePage, given: CardDetails) -> list[str]:
    sizes = {f"Rows of the part {name}": str(size) for name, size in page.sizes.items()}
    return _facts({"Data set": given.dataset or None, **page.data, **sizes})


def _training(page: CertificatePage, given: CardDetails) -> list[str]:
    seed = dict(page.origin)["seed"]
    return [*_facts({"Data set": given.dataset or None, "Seed of the split": seed}), *_bullets(page.notes)]


def _analyses(page: CertificatePage) -> list[str]:
    risks = TextTable("", ("risk", "value", "interval"), page.headline)
    header = ("bound", "at most", "measured on the test part", "delta spent", "status", "certifies")
    rows = tuple(
        (
            row.bound + (" (this certificate)" if row.wins else ""),
            "diverges" if row.value is None else text_up(row.value, 5),
            _measured(row.measured),
            text_up(row.delta_spent, 5),
            str(row.status),
            row.certifies,
        )
        for row in page.rows
    )
    return [*_table(risks), *_table(TextTable("", header, rows)), _text(page.overfitting or "Overfitting: not known.")]


def _measured(measured: Estimate | None) -> str:
    return "not measured" if measured is None else measured.text(4)


def _caveats(page: CertificatePage) -> list[str]:
    drift = () if page.drift is None else (page.drift,)
    alarms = [*_bullets(f"WARNING: {alarm}" for alarm in page.alarms), ""]
    return [
        *(alarms if page.alarms else []),
        "Checked:",
        "",
        *_bullets(map(_checked, (*page.checked, *drift))),
        "",
        "Cannot be checked here:",
        "",
        *_bullets(page.unseen),
        "",
        f"{OWNER} when the model is to be certified again.",
    ]


def _checked(check: Check) -> str:
    return f"{check.hypothesis}: {ANSWERS[check.answer]}. {check.explanation}"


def _facts(facts: Mapping[str, str | None]) -> list[str]:
    return [
        f"- **{_text(name)}:** {f'{OWNER[:-3]}**' if value is None else _text(value)}" for name, value in facts.items()
    ]


def _bullets(sentences: Iterable[str]) -> list[str]:
    return [f"- {_text(sentence)}" for sentence in sentences]


def _table(table: TextTable) -> list[str]:
    return [_cells(table.header), _cells(["---"] * len(table.header), str), *map(_cells, table.rows), ""]


def _cells(cells: Sequence[str], written: object = None) -> str:
    return f"| {' | '.join(cells if written else map(_text, cells))} |"


def _text(text: str) -> str:
    """One line of Markdown that shows the text as it is: nothing in it is a tag, a link or a column."""
    line = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", line)


def _number(text: str) -> str:
    """A number that YAML reads as one: with an exponent it must have a point."""
    return f"{float(text):.12f}".rstrip("0") + ("0" if float(text).is_integer() else "")


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes; what does not print is escaped."""
    return f'"{"".join(map(_letter, text))}"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    code = ord(letter)
    if letter.isprintable() and not 0xD800 <= code < 0xE000:
        return letter
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
