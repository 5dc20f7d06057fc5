from tests.theorem_cases import assert_every_case_ends_as_it_should, of_theory

ALSO_ELSEWHERE = (
    "plateau_lifetimes",
    "causal_limit",
    "causal_pair_time",
    "circle_motion",
    "equiangular_motion",
    "hemisphere_weights",
)


@of_theory("attention", slow=ALSO_ELSEWHERE)
def test_a_theorem_ends_in_each_verdict_on_its_own_cases(theorem):
    assert_every_case_ends_as_it_should(theorem)
