import pytest

from fathometer.cli._finish import exit_code
from fathometer.evidence import Status, Verdict


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([], 0),
        (["HOLDS"], 0),
        (["VACUOUS"], 0),
        (["HOLDS", "UNDECIDED", "INAPPLICABLE", "VACUOUS"], 0),
        (["HOLDS", "VIOLATED"], 1),
        (["VIOLATED", "UNDECIDED"], 1),
        (["UNDECIDED"], 3),
        (["INAPPLICABLE", "UNDECIDED"], 3),
        (["INAPPLICABLE", "VACUOUS"], 3),
    ],
)
def test_the_exit_code_is_that_of_the_worst_verdict(statuses, code):
    assert exit_code(Verdict(Status(status), None, "") for status in statuses) == code
