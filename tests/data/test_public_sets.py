"""Loaders on small files of the published formats; the sizes that they insist on are made small too."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import rdata

from fathometer.data import PUBLIC_SETS, _public_sets, load_public_set
from fathometer.evidence import InputError
from tests.data.test_idx import write_mnist


@pytest.fixture
def sized(monkeypatch):
    """Make a set as small as its file in a test."""

    def resize(name: str, **changes: int) -> None:
        forms = dict(_public_sets._FORMS)
        monkeypatch.setattr(_public_sets, "_FORMS", forms | {name: dataclasses.replace(forms[name], **changes)})

    return resize


def write_frame(path, name: str, frame: pd.DataFrame) -> None:
    rdata.write_rda(path, {name: frame})


def test_letters_are_numbered_from_their_names(tmp_path, sized):
    sized("letter", rows=3, columns=2, classes=3)
    frame = pd.DataFrame({"lettr": pd.Categorical(["C", "A", "B"]), "x": [1.0, 2, 3], "y": [4.0, 5, 6]})
    write_frame(tmp_path / "LetterRecognition.rda", "LetterRecognition", frame)
    found = load_public_set("letter", tmp_path)
    assert found.labels.tolist() == [2, 0, 1]
    assert found.features.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert (found.classes, found.reach) == (3, 60)


def test_satimage_counts_its_class_7_as_0(tmp_path, sized):
    names = list(_public_sets.SATIMAGE_CLASSES)
    sized("satimage", rows=6, columns=1)
    frame = pd.DataFrame({"x.1": np.arange(6.0), "classes": pd.Categorical(names[::-1])})
    write_frame(tmp_path / "Satellite.rda", "Satellite", frame)
    assert load_public_set("satimage", tmp_path).labels.tolist() == [5, 4, 3, 2, 1, 0]


def test_pen_digits_are_read_from_the_keel_file(tmp_path, sized):
    sized("pendigits", rows=2, columns=2, classes=2)
    (tmp_path / "penbased.dat").write_text("@relation x\n@data\n47, 100, 1\n0, 89, 0\n")
    found = load_public_set("pendigits", tmp_path)
    assert found.features.tolist() == [[47, 100], [0, 89]]
    assert found.labels.tolist() == [1, 0]


def test_segmentation_loses_its_constant_column(tmp_path, sized):
    sized("segmentation", rows=2, columns=3, classes=2)
    (tmp_path / "segment.dat").write_text("218.0, 178.0, 9.0, 0.5, 2\n113.0, 130.0, 9.0, 0.0, 1\n")
    found = load_public_set("segmentation", tmp_path)
    assert found.features.tolist() == [[218, 178, 0.5], [113, 130, 0]]
    assert found.labels.tolist() == [1, 0]


def test_tictactoe_is_put_into_the_published_order(tmp_path, sized):
    """Positive examples first, then by squares with x before o before b."""
    sized("tictactoe", rows=4, columns=3)
    (tmp_path / "tic-tac-toe.dat").write_text(
        "o, x, x, negative\nx, b, o, positive\nx, o, x, positive\nb, x, x, negative\n"
    )
    found = load_public_set("tictactoe", tmp_path)
    assert found.features.tolist() == [[0, 1, 0], [0, 0.5, 1], [1, 0, 0], [0.5, 0, 0]]
    assert found.labels.tolist() == [0, 0, 1, 1]


def test_mnist_is_one_stack_of_pixels_from_0_to_1(tmp_path, sized):
    sized("mnist", rows=5, classes=3)
    write_mnist(tmp_path)
    found = load_public_set("mnist", tmp_path)
    assert found.features.shape == (5, 784)
    assert 0.99 < found.features.max() <= 1
    assert found.labels.tolist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize("name", PUBLIC_SETS)
def test_missing_files_name_the_command_that_gets_them(tmp_path, name):
    with pytest.raises(InputError, match=rf"`fathometer certify fetch .* --sets {name}` gets it"):
        load_public_set(name, tmp_path)


def test_unknown_sets_and_wrong_sizes_are_refused(tmp_path, sized):
    with pytest.raises(InputError, match="no public set is called 'adult'"):
        load_public_set("adult", tmp_path)
    (tmp_path / "penbased.dat").write_text("1, 2, 1\n")
    with pytest.raises(InputError, match=r"pendigits must have shape \(10992, 16\) .*, got \(1, 2\)"):
        load_public_set("pendigits", tmp_path)
    sized("pendigits", rows=1, columns=2, classes=2)
    with pytest.raises(InputError, match=r"pendigits must have the classes 0 to 1, got \[1\]"):
        load_public_set("pendigits", tmp_path)
    (tmp_path / "penbased.dat").write_text("1, 2, 1\n1, 2\n")
    with pytest.raises(InputError, match="must have rows of one length"):
        load_public_set("pendigits", tmp_path)


def test_other_files_in_place_of_r_data_are_refused(tmp_path):
    (tmp_path / "LetterRecognition.rda").write_bytes(b"no R data")
    with pytest.raises(InputError, match="is not an R data file with a frame 'LetterRecognition'"):
        load_public_set("letter", tmp_path)
    write_frame(tmp_path / "LetterRecognition.rda", "Other", pd.DataFrame({"x": [1.0]}))
    with pytest.raises(InputError, match="is not an R data file with a frame 'LetterRecognition'"):
        load_public_set("letter", tmp_path)


def test_classification_sets_of_the_keel_package(tmp_path, sized):
    texts = {
        "spambase": "0.0, 0.64, 1\n0.21, 3.0, 0\n",
        "magic": "28.7967,16.0021,h\n31.6036,-11.7235,g\n",
        "optdigits": "0,16,1\n5,6,0\n",
    }
    expected = {"spambase": [[0, 0.64], [0.21, 3]], "magic": [[28.7967, 16.0021], [31.6036, -11.7235]]}
    for name, text in texts.items():
        sized(name, rows=2, columns=2, classes=2)
        (tmp_path / f"{name}.dat").write_text(f"@relation {name}\n@data\n{text}")
        found = load_public_set(name, tmp_path)
        assert found.features.tolist() == expected.get(name, [[0, 16], [5, 6]])
        assert found.labels.tolist() == [1, 0]
    (tmp_path / "magic.dat").write_text("1,2,g\n1,2,q\n")
    with pytest.raises(InputError, match=r"the files of magic in .* are damaged, or of another set"):
        load_public_set("magic", tmp_path)
