import json
from graphlib import TopologicalSorter
from importlib import import_module

import pytest

from fathometer.catalogue import theorem, theorems
from fathometer.evidence import InputError, Theorem

LISTED = [
    (theory, name)
    for theory in ("attention", "deep_linear", "generalization")
    for name in import_module(f"fathometer.{theory}.theorems").NAMES
]


def test_every_theorem_is_in_the_file_named_like_its_id():
    for (theory, name), found in zip(LISTED, theorems(), strict=True):
        assert (found.theory, found.id) == (theory, name.split(".")[-1])


def test_ids_are_unique_and_lead_to_their_theorem():
    identifiers = [found.id for found in theorems()]
    assert len(set(identifiers)) == len(identifiers)
    assert all(theorem(identifier).id == identifier for identifier in identifiers)
    with pytest.raises(InputError, match="no theorem is called 'x'; `fathometer theorems list` shows all"):
        theorem("x")


def test_every_theorem_file_is_in_the_catalogue(request):
    package = request.config.rootpath / "src" / "fathometer"
    files = {
        (theory, ".".join(path.relative_to(package / theory / "theorems").with_suffix("").parts))
        for theory in ("attention", "deep_linear", "generalization")
        for path in (package / theory / "theorems").rglob("*.py")
        if not path.stem.startswith("_")
    }
    assert files == set(LISTED)


@pytest.mark.parametrize("found", theorems(), ids=lambda found: found.id)
def test_a_theorem_says_where_it_comes_from_and_survives_json(found):
    assert found.title
    assert found.statement.endswith(".")
    assert found.source.statement
    assert found.source.reference.bibtex().startswith("@misc{")
    assert Theorem.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_theorems_rest_on_others_of_the_catalogue_and_in_no_circle():
    uses = {found.id: found.uses for found in theorems()}
    assert {used for all_used in uses.values() for used in all_used} <= set(uses)
    TopologicalSorter(uses).prepare()
