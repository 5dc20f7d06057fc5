from tests.theorem_cases import assert_every_case_ends_as_it_should, of_theory

LONG = (
    "caps_contain",
    "causal_first_token",
    "causal_limit",
    "causal_pair_time",
    "circle_motion",
    "cluster_lifetime",
    "energy_increases",
    "energy_lower_bound",
    "equiangular_bound",
    "equiangular_motion",
    "first_pattern",
    "hemisphere_weights",
    "hemisphere_weights_rate",
    "mean_field_rate",
    "noisy_fluctuation",
    "plateau_lifetimes",
    "post_ln_rate",
    "pre_ln_rate",
    "strong_centres_stay",
    "two_token_time",
    "weighted_dissipation",
)


@of_theory("attention", slow=LONG)
def test_a_theorem_ends_in_each_verdict_on_its_own_cases(theorem):
    assert_every_case_ends_as_it_should(theorem)
