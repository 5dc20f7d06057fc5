"""The generated pages: every theorem, publication, command and public name has its place."""

import re
from pathlib import Path

import pytest
from docs.site.api_pages import api_pages
from docs.site.citation_pages import citations_page
from docs.site.command_pages import command_pages
from docs.site.guides import guide_pages, linked
from docs.site.public_names import public_names
from docs.site.theorem_pages import THEORIES, cited, module_name, theorem_page, theorem_pages, topics

from fathometer.catalogue import theorem, theorems

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages():
    return theorem_pages()


def test_every_theorem_has_a_page_with_statement_hypotheses_citation_cases_and_source(pages):
    for one in theorems():
        page = pages[f"theorems/{one.id}.md"]
        assert page.count(":::{container} statement") == 1 + len(one.as_printed)
        assert cited(one.source.reference) in page
        assert page.split("## Hypotheses")[1].split("##")[0].count("* ") >= len(one.hypotheses)
        assert all(f"| {status} |" in page for status in ("HOLDS", "VIOLATED", "UNDECIDED"))
        assert ("| INAPPLICABLE |" in page) == (one.counterexample is not None)
        path = f"src/{module_name(one).replace('.', '/')}.py"
        assert f"`{path}`" in page
        assert (ROOT / path).is_file()


def test_a_printed_form_stands_beside_its_correction(pages):
    page = pages["theorems/equiangular_bound.md"]
    assert page.index("**Corrected**") < page.index("**As printed**")
    assert "VIOLATED on its example." in page


def test_pages_lead_to_what_a_theorem_rests_on_and_back(pages):
    for one in theorems():
        for used in one.uses:
            assert f"[`{used}`]({used}.md)" in pages[f"theorems/{one.id}.md"].split("Rests on")[1]
            assert f"[`{one.id}`]({one.id}.md)" in pages[f"theorems/{used}.md"].split("Used by")[1]


def test_every_theorem_is_in_the_list_of_its_theory_once(pages):
    for theory in THEORIES:
        listed = re.findall(r"^\| \[`(\w+)`\]", pages[f"theorems/{theory}.md"], re.MULTILINE)
        assert sorted(listed) == sorted(one.id for one in theorems() if one.theory == theory)
        assert listed == [one.id for group in topics(theory).values() for one in group]


def test_the_page_of_a_bound_has_its_formula_and_keys():
    page = theorem_page(theorem("maurer_seeger"))
    assert "`fathometer bound maurer_seeger ...`" in page
    assert "`kl`" in page


def test_every_publication_is_listed_once_with_its_theorems():
    page = citations_page()
    for reference in {one.source.reference for one in theorems()}:
        assert page.count(f"({reference.key})=") == 1
    assert sorted(re.findall(r"theorems/(\w+)\.md", page)) == sorted(one.id for one in theorems())


def test_every_public_name_has_one_entry_and_something_is_said_about_it():
    entries = re.findall(r"^\.\. (?:py:data|auto\w+):: (\S+)", "\n".join(api_pages().values()), re.MULTILINE)
    assert sorted(entries) == sorted(name.path for name in public_names())
    assert [name.path for name in public_names() if not (name.summary or name.value)] == []


def test_public_names_are_what_can_be_imported():
    import fathometer.attention
    import fathometer.evidence

    for package in (fathometer.attention, fathometer.evidence):
        names = {name.name for name in public_names() if name.package == package.__name__}
        assert names <= set(vars(package))
        classes = {name for name, value in vars(package).items() if isinstance(value, type) and name[0] != "_"}
        assert {name for name in classes if vars(package)[name].__module__.startswith(package.__name__)} <= names


def test_every_command_has_a_section():
    pages = command_pages()
    for command in ("attention simulate", "deep-linear train", "certify compare", "network inspect", "theorems test"):
        assert f"## fathometer {command}\n" in pages[f"commands/{command.split()[0]}.md"]
    assert "`--beta`" in pages["commands/attention.md"]
    assert "## fathometer tour\n" in pages["commands/index.md"]


def test_links_of_guides_lead_to_pages_of_the_site():
    guides = guide_pages()
    places = guides.keys() | {"index.md"}
    for name, text in guides.items():
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        targets = re.findall(r"\]\(([^)#\s]+\.md)", prose)
        assert [target for target in targets if target not in places and not target.startswith("theorems/")] == [], name


def test_every_guide_is_in_the_table_of_contents():
    contents = re.findall(r"```\{toctree\}\n.*?```", (ROOT / "docs/site/index.md").read_text(), re.DOTALL)
    listed = re.findall(r"^(?:.*<)?([\w-]+)>?$", "\n".join(contents), re.MULTILINE)
    assert {name.removesuffix(".md") for name in guide_pages()} <= set(listed)


def test_theorems_in_guides_are_links_but_not_in_code():
    text = "On `energy_increases`:\n```sh\necho `energy_increases`\n```\n"
    assert linked(text).count("(theorems/energy_increases.md)") == 1
    assert linked("[`energy_increases`](x.md)") == "[`energy_increases`](x.md)"
