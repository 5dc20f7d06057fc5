"""Files and columns that rows on request need: what is read, and what is refused."""

import numpy as np
import pytest

from fathometer.cli.certify._options import read_loss
from fathometer.cli.certify._requests import read_costs, read_sensitive
from fathometer.evidence import InputError

CLASSES = ["no", "yes"]


def test_costs_are_read_by_name_in_any_order(tmp_path):
    (tmp_path / "c.csv").write_text("truth, yes ,no\nyes,0,7\n\nno,2.5,0\n")
    assert read_costs(tmp_path / "c.csv", CLASSES) == ((0.0, 2.5), (7.0, 0.0))
    assert read_costs(None, CLASSES) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",no,yes\nno,0,nan\nyes,1,0\n", "cost of 'yes' for 'no' in .* must be"),
        (",no,yes\nno,0,-1\nyes,1,0\n", "cost of 'yes' for 'no' in .* must be >= 0, got -1"),
        (",no,yes\nno,0,x\nyes,1,0\n", "cost of 'yes' for 'no' in .* must be"),
        (",no,maybe\nno,0,1\nyes,1,0\n", "the header of .* names 'maybe', which is no class; classes: no, yes"),
        (",no,yes\nno,0,1\n", "the first column of .* lacks the class 'yes'"),
        (",no,yes\nno,0,1\nyes,1,0\nno,3,0\n", "the first column of .* names 'no' twice"),
        (",no,yes\nno,0,1\nyes,1\n", "the line of 'yes' in .* must have 3 entries, got 2"),
        ("", "must have a header of class names and a line for each class"),
    ],
)
def test_costs_that_make_no_sense(tmp_path, text, message):
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(InputError, match=message) as refusal:
        read_costs(tmp_path / "c.csv", CLASSES)
    assert "\n" not in str(refusal.value)


def test_costs_from_no_file(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(InputError, match="costs cannot be read from"):
            read_costs(path, CLASSES)


def test_a_sensitive_column_is_a_column(tmp_path):
    (tmp_path / "d.csv").write_text("a,sex,y\n1,f,0\n2,m,1\n3,f,0\n")
    (tmp_path / "hole.csv").write_text("a,sex,y\n1,f,0\n2,,1\n3,f,0\n")
    found = read_sensitive(str(tmp_path / "d.csv"), "sex")
    assert found is not None
    assert np.asarray(found).tolist() == ["f", "m", "f"]
    assert read_sensitive("d.csv", None) is None
    with pytest.raises(InputError, match=r"--sensitive must be a column of .*, got 'age'; columns: a, sex, y"):
        read_sensitive(str(tmp_path / "d.csv"), "age")
    with pytest.raises(InputError, match="column 'sex' of"):
        read_sensitive(str(tmp_path / "hole.csv"), "sex")
    with pytest.raises(InputError, match="no column 'sex' in mnist:x"):
        read_sensitive("mnist:x", "sex")


def test_a_moment_stands_in_for_a_clip():
    assert read_loss("absolute", None, 4.0).clip == 20
    assert read_loss("absolute", 3.0, 4.0).clip == 3
    with pytest.raises(InputError, match="--moment is of a loss of regression"):
        read_loss(None, None, 1.0)
    for moment in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(InputError, match="moment must be"):
            read_loss("squared", None, moment)
