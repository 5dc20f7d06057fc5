from tests.theorem_cases import assert_every_case_ends_as_it_should, of_theory


@of_theory("attention", slow=("plateau_lifetimes",))
def test_a_theorem_ends_in_each_verdict_on_its_own_cases(theorem):
    assert_every_case_ends_as_it_should(theorem)
