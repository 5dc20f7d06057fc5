"""Signatures and docstrings as the reference shows them."""

from typing import Literal, NamedTuple

from docs.site.docstring_text import restructured, restructured_lines
from docs.site.public_names import public_names
from docs.site.signatures import signature_of

from fathometer import attention, evidence, numerics


def test_a_signature_is_the_one_that_is_written():
    arguments, returns = signature_of(attention.velocity)
    assert "points: Float[Array, 'n d']" in arguments
    assert "model: fathometer.attention.Model" in arguments
    assert returns == "Float[Array, 'n d']"


def test_a_record_has_its_fields_with_defaults():
    arguments, returns = signature_of(evidence.PrintedForm)
    assert arguments.startswith("(statement: str, predict: Predict | None = None")
    assert "ends: fathometer.evidence.Status = Status.VIOLATED" in arguments
    assert returns == ""


def test_enumerations_have_no_parameters():
    assert signature_of(attention.Model) == ("", "")


def test_every_public_function_and_class_has_a_signature():
    for name in public_names():
        if name.kind != "data" and name.package in ("fathometer.attention", "fathometer.numerics"):
            thing = getattr(attention if name.package.endswith("attention") else numerics, name.name)
            assert signature_of(thing) is not None, name.path


def test_formulae_in_docstrings_are_no_markup():
    assert restructured("|x|, W_*, 2 * y_ and `name`") == r"\|x\|, W\_\*, 2 \* y\_ and ``name``"


def test_stars_of_parameters_are_left_to_the_section():
    assert restructured_lines(["Args:", "    **others: of x_."]) == ["Args:", r"    **others: of x\_."]


def test_what_is_not_of_the_library_has_no_signature_here():
    class Other(NamedTuple):
        value: Literal["a"]

    assert signature_of(Other) is None
