"""A page for each theorem, and one list for each theory, from the same data as `fathometer theorems show`."""

import inspect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from docs.site.markup import box, code, escaped, front_matter, table, typeset
from docs.site.public_names import public_names

from fathometer.catalogue import theorems
from fathometer.evidence import Reference, Theorem
from fathometer.generalization.bounds._catalogue import bound

THEORIES = {
    "attention": ("Attention", "attention.md"),
    "deep_linear": ("Deep linear networks", "deep-linear.md"),
    "generalization": ("Generalization", "generalization.md"),
}
"""Title and guide of each theory."""


def theorem_pages() -> dict[str, str]:
    """Text of every page, by its path: the theorems, the list of each theory, and the list of the lists."""
    pages = {f"theorems/{theorem.id}.md": theorem_page(theorem) for theorem in theorems()}
    lists = {f"theorems/{theory}.md": theory_page(theory) for theory in THEORIES}
    return pages | lists | {"theorems/index.md": index_page()}


def index_page() -> str:
    """The theories, with the number of their theorems."""
    rows = [
        (
            f"[{title}]({theory}.md)",
            str(len(list(of_theory(theory)))),
            ", ".join(map(_anchored(theory), topics(theory))),
        )
        for theory, (title, _) in THEORIES.items()
    ]
    entries = "\n".join(f"{title} <{theory}>" for theory, (title, _) in THEORIES.items())
    corrected = [theorem for theorem in theorems() if theorem.as_printed]
    corrections = "\n".join(f"* {_link(theorem)}: {escaped(theorem.title)}" for theorem in corrected)
    return (
        "# Theorems\n\n"
        f"{len(theorems())} statements that run. Each page has the statement, its hypotheses, the source, the cases"
        " that it is tested in, and what it rests on. `fathometer theorems list` shows them on the terminal,"
        " `fathometer theorems test --all` runs all of them.\n\n"
        f"{table(('theory', 'theorems', 'topics'), rows)}\n"
        "## Corrected\n\nStatements that are printed wrongly in the literature stand beside their corrected form, with"
        f" a run that shows what is wrong.\n\n{corrections}\n\n"
        "## What rests on what\n\nThe picture opens in full size.\n\n"
        "```{image} graph.svg\n:alt: Theorems with arrows from what is used to what uses it\n"
        ":target: ../_images/graph.svg\n```\n\n"
        f"```{{toctree}}\n:hidden:\n\n{entries}\n```\n"
    )


def theory_page(theory: str) -> str:
    """All theorems of a theory, by topic."""
    title, guide = THEORIES[theory]
    parts = [f"# {title}: theorems\n\nThe [guide](../{guide}) shows them at work.\n"]
    for topic, members in topics(theory).items():
        rows = [(_link(theorem), escaped(theorem.title), cited(theorem.source.reference)) for theorem in members]
        parts.append(f"## {topic}\n\n{box('theorem-list', table(('theorem', 'what it says', 'source'), rows))}")
    return "\n".join(parts)


def theorem_page(theorem: Theorem) -> str:
    """One theorem."""
    parts = (
        _head(theorem),
        _statement(theorem),
        "## Hypotheses\n\n" + _hypotheses(theorem),
        "## Source\n\n" + _source(theorem),
        "## Cases\n\n" + _cases(theorem),
        "## Run it\n\n" + _commands(theorem),
        "## What it is about\n\n" + _about(theorem),
        _neighbours(theorem),
        _code(theorem),
    )
    return front_matter(orphan="true") + "\n\n".join(parts)


def of_theory(theory: str) -> Iterator[Theorem]:
    """Theorems of a theory, in the order of the catalogue."""
    return (theorem for theorem in theorems() if theorem.theory == theory)


def topics(theory: str) -> Mapping[str, Sequence[Theorem]]:
    """Theorems of a theory by topic: the folder that they lie in, or what a bound certifies."""
    grouped: dict[str, list[Theorem]] = defaultdict(list)
    for theorem in of_theory(theory):
        grouped[topic(theorem)].append(theorem)
    return grouped


def topic(theorem: Theorem) -> str:
    """The heading under which a theorem is listed."""
    if theorem.theory == "generalization":
        return f"Bounds on the risk of {bound(theorem.id).certifies}".replace("risk of Gibbs risk", "Gibbs risk")
    return module_name(theorem).split(".")[-2].replace("_", " ").capitalize()


def module_name(theorem: Theorem) -> str:
    """The module whose `THEOREM` it is."""
    package = import_module(f"fathometer.{theorem.theory}.theorems")
    names = dict(zip((one.id for one in package.theorems()), package.NAMES, strict=True))
    return f"{package.__name__}.{names[theorem.id]}"


def cited(reference: Reference) -> str:
    """Families and year, with a link to the entry of the list of publications."""
    families = [author.partition(",")[0] for author in reference.authors.split(" and ")]
    short = families[0] if len(families) == 1 else " and ".join(families[:2])
    short = f"{families[0]} et al." if len(families) > 2 else short
    return f"[{escaped(short)} {reference.year}](../citations.md#{reference.key})"


def statement_of(text: str, own: str) -> str:
    """A statement with symbols, and links to the theorems that it names besides itself."""
    return typeset(text, {theorem.id: f"{theorem.id}.md" for theorem in theorems() if theorem.id != own})


def _link(theorem: Theorem) -> str:
    return f"[`{theorem.id}`]({theorem.id}.md)"


def _anchored(theory: str) -> Any:
    def link(name: str) -> str:
        return f"[{name}]({theory}.md#{name.lower().replace(' ', '-')})"

    return link


def _head(theorem: Theorem) -> str:
    title, _ = THEORIES[theorem.theory]
    name = topic(theorem)
    trail = f"[Theorems](index.md) › [{title}]({theorem.theory}.md) › {_anchored(theorem.theory)(name)}"
    return f"# {escaped(theorem.title)}\n\n{box('trail', f'{trail} › `{theorem.id}`')}"


def _statement(theorem: Theorem) -> str:
    corrected = box("statement", statement_of(theorem.statement, theorem.id))
    if not theorem.as_printed:
        return corrected
    printed = "".join(
        box("statement printed", f"{statement_of(form.statement, theorem.id)}\n\n{form.ends} on its example.")
        for form in theorem.as_printed
    )
    sides = box("side", f"**Corrected**\n\n{corrected}"), box("side", f"**As printed**\n\n{printed}")
    return box("beside", "".join(sides))


def _hypotheses(theorem: Theorem) -> str:
    names = [statement_of(hypothesis.name, theorem.id) for hypothesis in theorem.hypotheses]
    return "".join(f"* {name}\n" for name in names) or "None beyond the type of the problem.\n"


def _source(theorem: Theorem) -> str:
    source = theorem.source
    remark = f"\n\n{statement_of(source.remark, theorem.id)}" if source.remark else ""
    return f"{cited(source.reference)}, {escaped(source.statement)}.{remark}\n"


def _cases(theorem: Theorem) -> str:
    rows = [
        (_said_by(theorem.example, "its example"), "HOLDS"),
        ("the same, measured beyond the prediction", "VIOLATED"),
        ("the same, with unlimited error bars", "UNDECIDED"),
    ]
    if theorem.counterexample is not None:
        rows.append((_said_by(theorem.counterexample, "a problem that breaks a hypothesis"), "INAPPLICABLE"))
    rows += [("the form in print", f"{form.ends}") for form in theorem.as_printed]
    said = f"The tests and `fathometer theorems test {theorem.id}` run each of them."
    return f"{said}\n\n{table(('run', 'must end in'), rows)}"


def _said_by(function: Any, otherwise: str) -> str:
    first = (inspect.getdoc(function) or otherwise).split("\n\n")[0]
    return typeset(" ".join(first.split()))


def _commands(theorem: Theorem) -> str:
    return (
        f"```sh\nfathometer theorems test {theorem.id}\nfathometer theorems cite {theorem.id}\n```\n\n"
        f'```python\nfrom fathometer.catalogue import theorem\n\nstatement = theorem("{theorem.id}")\n'
        "print(statement.test(statement.example()).explanation)\n```\n"
    )


def _about(theorem: Theorem) -> str:
    rows = [
        ("problem", _documented(theorem.about)),
        ("judged along", ", ".join(theorem.along) or "any axis"),
        ("reads the states", ", ".join(f"`{name}`" for name in theorem.reads)),
        ("costs beyond the run", typeset(theorem.cost)),
        *_of_bound(theorem),
        ("source module", f"`src/{module_name(theorem).replace('.', '/')}.py`"),
    ]
    return table(("", ""), [row for row in rows if row[1]])


def _documented(thing: type) -> str:
    """A class with a link to its entry in the reference, if it is public."""
    public = {f"{name.module}.{name.name}": name.path for name in public_names()}
    path = public.get(f"{thing.__module__}.{thing.__qualname__}")
    return f"{{py:obj}}`~{path}`" if path else code(thing.__name__)


def _of_bound(theorem: Theorem) -> list[tuple[str, str]]:
    if theorem.theory != "generalization":
        return []
    stated = bound(theorem.id)
    keys = ", ".join(f"`{key.name}`" for key in stated.keys)
    return [
        ("formula", code(stated.certificate)),
        ("keys", keys),
        ("loss", typeset(stated.loss)),
        ("sample", typeset(stated.data)),
        ("prior", typeset(stated.prior)),
        ("one value", f"`fathometer bound {theorem.id} ...`"),
    ]


def _neighbours(theorem: Theorem) -> str:
    everyone = {other.id: other for other in theorems()}
    rests = [_link(everyone[name]) for name in theorem.uses]
    used = [_link(other) for other in everyone.values() if theorem.id in other.uses]
    lines = [f"Rests on {', '.join(rests)}." if rests else "", f"Used by {', '.join(used)}." if used else ""]
    return "\n\n".join(filter(None, lines)) + "\n"


def _code(theorem: Theorem) -> str:
    source = inspect.getsource(import_module(module_name(theorem)))
    return f"<details><summary>The source module</summary>\n\n````python\n{source}````\n\n</details>\n"
