"""What was certified predicts: files of predictors, rows in every form, and what is refused."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from fathometer.data import Encoding, load_features, load_table
from fathometer.evidence import InputError, Status
from fathometer.generalization import Certificate, linear_certificate, recheck, save_certificate
from fathometer.generalization.certificates._saved import OLDER, SCHEMAS, content_digest
from fathometer.generalization.learning.predictors import Loss, Plan, Source, certify_rows, read_rows
from fathometer.generalization.learning.predictors._plan import drawn_parts
from fathometer.generalization.learning.predictors.models._files import write_predictor

RNG = np.random.default_rng(3)
N = 240
FRAME = pd.DataFrame(
    {
        "age": RNG.integers(20, 80, N) + RNG.random(N),
        "ward": RNG.choice(["north", "south", "west"], N),
        "dose": np.where(RNG.random(N) < 0.1, np.nan, RNG.normal(size=N)),
    }
)
SCORE = FRAME["age"].to_numpy() / 20 + (FRAME["ward"] == "north") * 1.5 + 0.3 * RNG.normal(size=N)
TARGETS = {
    "text": np.where(SCORE > 3, "ill", "well"),
    "truth": np.asarray(SCORE > 3),
    "number": np.digitize(SCORE, [2.5, 3.5]),
}


def table_of(folder, target):
    FRAME.assign(y=target).to_csv(folder / "t.csv", index=False)
    return load_table(str(folder / "t.csv"), "y", mixed=True, labels=target.dtype.kind != "f")


def made(table, source, plan):
    rows = read_rows(table.features, table.target, plan, table.encoding, table.frame)
    return certify_rows(rows, source, plan)


def written(folder, table, source, plan):
    result = made(table, source, plan)
    save_certificate(folder / "c.json", result.certificate, None, result.predictor, result.reference)
    return Certificate.load(folder / "c.json")


@pytest.fixture(scope="module", params=TARGETS)
def case(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    table = table_of(folder, TARGETS[request.param])
    return folder, table, written(folder, table, Source("linear"), Plan("linear"))


def test_a_table_is_predicted_in_every_form(case):
    _, table, certificate = case
    answers = certificate.predict(FRAME)
    assert np.mean(answers.astype(str) == np.asarray(table.target).astype(str)) > 0.8
    assert certificate.feature_names == ("age", "ward", "dose")
    for rows in (
        FRAME[["dose", "age", "ward"]],
        FRAME.assign(more=1.0),
        {name: FRAME[name].to_numpy() for name in FRAME},
        table.features,
        table.features.tolist(),
    ):
        np.testing.assert_array_equal(certificate.predict(rows), answers)
    np.testing.assert_array_equal(certificate.predict(FRAME[7:9]), answers[7:9])


def test_what_cannot_be_predicted_is_one_line(case):
    _, table, certificate = case
    for rows, message in (
        (FRAME.drop(columns="age"), "'age'"),
        (FRAME.assign(age="old"), "'age'"),
        (table.features[:, :2], "X must have"),
    ):
        with pytest.raises(InputError, match=message) as refusal:
            certificate.predict(rows)
        assert "\n" not in str(refusal.value)


def test_new_rows_are_held_against_those_of_the_certificate(case):
    _, _, certificate = case
    near = certificate.drift(FRAME)
    assert near.p_value > near.level
    far = certificate.drift(FRAME.assign(age=FRAME["age"] + 100))
    assert far.p_value < far.level


def test_rows_that_it_was_fitted_on_are_named(case):
    _, table, certificate = case
    seen = certificate.trained_on(FRAME)
    rows = read_rows(table.features, table.target, certificate.record.plan, table.encoding, table.frame)
    groups = np.arange(len(rows.truth))
    split = drawn_parts(certificate.record.plan, groups, rows.truth)
    np.testing.assert_array_equal(np.flatnonzero(seen), np.sort(split.part("training")))
    assert not certificate.trained_on(FRAME.assign(age=FRAME["age"] + 1e-9)).any()


def test_a_recheck_asks_the_predictor_of_the_file(case):
    folder, table, certificate = case
    x, y, frame = table.features, np.asarray(table.target), table.frame
    record = certificate.record
    assert recheck(record, x, y, predictor=certificate.predictor, frame=frame).verdict.status is Status.HOLDS
    assert recheck(record, x, y).verdict.status is Status.UNDECIDED
    forged = dataclasses.replace(record, predicted=np.where(record.predicted == 0, 1, 0).astype(np.int32))
    assert recheck(forged, x, y, predictor=certificate.predictor).verdict.status is Status.VIOLATED
    other = made(table, Source("linear"), Plan("linear", seed=5)).predictor
    file, _ = write_predictor(folder / "other.skops", other)
    swapped = dataclasses.replace(record, predictor=file)
    save_certificate(folder / "swapped.json", swapped)
    again = Certificate.load(folder / "swapped.json")
    assert recheck(again.record, x, y, predictor=again.predictor).verdict.status is Status.VIOLATED


def scored(x):
    return (x[:, 0] > 50).astype(int)


@pytest.mark.parametrize("form", ["skops", "joblib"])
def test_a_predictor_lies_beside_its_certificate_and_no_other_is_read(tmp_path, form):
    table = table_of(tmp_path, TARGETS["number"] % 2)
    source = Source("linear") if form == "skops" else Source("m:scored", lambda: scored)
    certificate = written(tmp_path, table, source, Plan(source.name))
    assert certificate.record.predictor.form == form
    assert np.isnan(certificate.record.overfitting.training_risk.value) == (form == "joblib")
    file = tmp_path / f"c.{form}"
    before, content = certificate.predict(table.features), file.read_bytes()
    (tmp_path / "moved").mkdir()
    for name in ("c.json", f"c.{form}"):
        (tmp_path / "moved" / name).write_bytes((tmp_path / name).read_bytes())
    np.testing.assert_array_equal(Certificate.load(tmp_path / "moved" / "c.json").predict(table.features), before)
    file.write_bytes(content + b" ")
    with pytest.raises(InputError, match="is not the predictor of this certificate: its SHA-256"):
        Certificate.load(tmp_path / "c.json")
    file.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        Certificate.load(tmp_path / "c.json")


@pytest.mark.parametrize("name", ["../c.skops", "{elsewhere}/c.skops", "sub/c.skops", ""])
def test_a_predictor_in_another_folder_is_refused(case, tmp_path, name):
    folder, _, certificate = case
    file = dataclasses.replace(certificate.record.predictor, name=name.format(elsewhere=tmp_path))
    save_certificate(folder / "elsewhere.json", dataclasses.replace(certificate.record, predictor=file))
    with pytest.raises(InputError, match=r"names a predictor in another folder|cannot be read"):
        Certificate.load(folder / "elsewhere.json")


@pytest.mark.parametrize(
    ("of", "change"),
    [
        ("predictor", {"name": "d.skops"}),
        ("predictor", {"form": "joblib"}),
        ("predictor", {"sha256": "0" * 64}),
        ("predictor", {"size": 3}),
        ("reference", {"name": "d.rows.npy"}),
        ("reference", {"sha256": "0" * 64}),
        ("reference", {"rows": 3}),
    ],
)
def test_every_word_about_a_file_is_held_against_it(case, of, change):
    folder, _, certificate = case
    file = dataclasses.replace(getattr(certificate.record, of), **change)
    save_certificate(folder / "said.json", dataclasses.replace(certificate.record, **{of: file}))
    with pytest.raises(InputError):
        Certificate.load(folder / "said.json").drift(FRAME)


def test_another_encoding_gives_other_numbers(case):
    folder, _, certificate = case
    content = certificate.record.encoding.to_json()
    ward = next(k for k, column in enumerate(content["columns"]) if column["name"] == "ward")
    changes = {"name": "room", "kind": "number", "categories": content["columns"][ward]["categories"][::-1]}
    for key, value in changes.items():
        columns = [dict(column) for column in content["columns"]]
        columns[ward][key] = value
        try:
            x = load_features(str(folder / "t.csv"), Encoding.from_json(content | {"columns": columns})).features
        except InputError:
            continue
        found = recheck(certificate.record, x, np.asarray(case[1].target), predictor=certificate.predictor)
        assert found.verdict.status is Status.VIOLATED, key


def test_without_a_file_nothing_is_predicted(case, tmp_path):
    folder, _, certificate = case
    save_certificate(folder / "alone.json", dataclasses.replace(certificate.record, predictor=None))
    with pytest.raises(InputError, match="names no file of a predictor"):
        Certificate.load(folder / "alone.json")
    document = json.loads((folder / "c.json").read_text())
    document["certificate"]["plan"]["delta"] = 0.5
    (folder / "touched.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="does not have the digest"):
        Certificate.load(folder / "touched.json")


def pipeline():
    columns = ColumnTransformer([("a", StandardScaler(), ["age"]), ("w", OneHotEncoder(), ["ward"])])
    return make_pipeline(columns, LogisticRegression())


def test_a_pipeline_that_names_columns_takes_the_frame(tmp_path):
    table = table_of(tmp_path, TARGETS["text"])
    certificate = written(tmp_path, table, Source("m:pipeline", pipeline), Plan("m:pipeline"))
    assert certificate.framed
    answers = certificate.predict(FRAME[["ward", "dose", "age"]])
    assert np.mean(answers == TARGETS["text"]) > 0.8
    found = recheck(
        certificate.record, table.features, table.target, predictor=certificate.predictor, frame=table.frame
    )
    assert found.verdict.status is Status.HOLDS


def test_numbers_are_predicted_and_their_losses_counted(tmp_path):
    table = table_of(tmp_path, np.asarray(SCORE, float))
    certificate = written(tmp_path, table, Source("linear"), Plan("linear", loss=Loss("absolute", 2.0)))
    answers = certificate.predict(FRAME)
    assert not certificate.of_classes
    np.testing.assert_allclose(certificate.losses(answers, SCORE), np.minimum(np.abs(SCORE - answers) / 2, 1))
    assert certificate.losses(answers, SCORE).mean() < 0.3


def test_weights_in_the_record_predict_too(tmp_path):
    x = FRAME[["age"]].to_numpy()
    save_certificate(tmp_path / "l.json", linear_certificate(x, TARGETS["text"]))
    certificate = Certificate.load(tmp_path / "l.json")
    assert np.mean(certificate.predict(x) == TARGETS["text"]) > 0.7
    with pytest.raises(InputError, match="X must have 1 columns, got 2"):
        certificate.predict(np.ones((3, 2)))
    with pytest.raises(InputError, match="has no rows beside it"):
        certificate.drift(x)


@pytest.mark.parametrize("schema", OLDER)
def test_certificates_of_older_versions_are_refused_by_name(tmp_path, schema):
    (tmp_path / "old.json").write_text(json.dumps({"schema": schema, "digest": content_digest({}), "certificate": {}}))
    with pytest.raises(InputError, match=f"{schema}, which an older version wrote: certify again, to {OLDER[schema]}"):
        Certificate.load(tmp_path / "old.json")
    assert OLDER[schema] in SCHEMAS


@pytest.mark.parametrize(("loss", "clip"), [("absolute", 50.0), ("squared", 400.0), ("quantile", 50.0)])
def test_a_regression_in_large_units_is_confirmed(tmp_path, loss, clip):
    """Risks of cross-validation are in units of the clip, as every other risk."""
    table = table_of(tmp_path, 10 * SCORE + 50)
    result = made(table, Source("linear"), Plan("linear", loss=Loss(loss, clip)))
    assert 0 <= result.certificate.competitors[0].training <= 1
    again = recheck(result.certificate, table.features, table.target, predictor=result.predictor, frame=table.frame)
    assert again.verdict.status is Status.HOLDS


@pytest.mark.slow
@pytest.mark.parametrize("model", ["linear", "mlp"])
@pytest.mark.parametrize("loss", ["absolute", "squared"])
def test_a_regression_does_not_depend_on_the_unit_of_its_target(tmp_path, model, loss):
    """Targets about 1e12 that vary by 1e9, where solvers fail and networks learn nothing without scaling."""
    made_of = {}
    for unit, shift in ((1.0, 0.0), (1e9, 1e12)):
        table = table_of(tmp_path, unit * SCORE + shift)
        clip = 2 * unit if loss == "absolute" else 4 * unit**2
        made_of[unit] = made(table, Source(model), Plan(model, loss=Loss(loss, clip), seed=1)).certificate
    small, large = (certificate.ledger.rows[0].value for certificate in made_of.values())
    np.testing.assert_allclose(large, small, rtol=1e-3)


@pytest.mark.slow
def test_a_gap_in_new_rows_is_named_where_there_was_none(tmp_path):
    table = table_of(tmp_path, TARGETS["text"])
    plain = dataclasses.replace(table, features=np.nan_to_num(table.features))
    kept = tuple(dataclasses.replace(column, kind="number", categories=()) for column in table.encoding.columns)
    encoding = Encoding(tuple(dataclasses.replace(column, complete=True) for column in kept))
    certificate = written(tmp_path, dataclasses.replace(plain, encoding=encoding), Source("linear"), Plan("linear"))
    rows = plain.features[:5].copy()
    rows[3, 2] = np.nan
    with pytest.raises(InputError, match="column 'dose' has no value in row 4"):
        certificate.predict(rows)


def test_what_the_features_of_all_rows_decided_is_said(case):
    _, table, certificate = case
    said = [note for note in certificate.record.ledger.notes if "was decided by the features of all rows" in note]
    assert len(said) == 1
    assert not table.encoding.plain


@pytest.mark.slow
def test_a_stratified_plan_says_so(tmp_path):
    table = table_of(tmp_path, TARGETS["text"])
    for stratified in (False, True):
        notes = made(table, Source("linear"), Plan("linear", stratified=stratified)).certificate.ledger.notes
        assert ("class by class" in notes[0]) is stratified
