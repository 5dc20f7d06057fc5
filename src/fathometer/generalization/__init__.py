"""Generalization certificates: bounds as objects, ledgers under one delta, and the theorems behind them."""

from fathometer.generalization.bounds._all_predictors import (
    UniformComparison as UniformComparison,
    UniformRow as UniformRow,
    at_all_radii as at_all_radii,
    best_uniform as best_uniform,
)
from fathometer.generalization.bounds._anisotropic import (
    AnisotropicSmoothing as AnisotropicSmoothing,
    best_anisotropic as best_anisotropic,
)
from fathometer.generalization.bounds._bound import (
    Bound as Bound,
    BoundValue as BoundValue,
    Certifies as Certifies,
    Key as Key,
    KeyKind as KeyKind,
)
from fathometer.generalization.bounds._catalogue import (
    bound as bound,
    catalogue as catalogue,
    catalogue_rows as catalogue_rows,
    evaluate_bound as evaluate_bound,
)
from fathometer.generalization.bounds._complexity import (
    best_chaining as best_chaining,
    chaining_constant as chaining_constant,
    linear_complexity as linear_complexity,
)
from fathometer.generalization.bounds._constants import kt_constant as kt_constant, maurer_constant as maurer_constant
from fathometer.generalization.bounds._delta_account import DeltaAccount as DeltaAccount
from fathometer.generalization.bounds._differences import difference_interval as difference_interval
from fathometer.generalization.bounds._interpolation import (
    Interpolation as Interpolation,
    best_interpolation as best_interpolation,
    massart_complexity as massart_complexity,
)
from fathometer.generalization.certificates._deployed import Certificate as Certificate
from fathometer.generalization.certificates._page import certificate_page as certificate_page
from fathometer.generalization.certificates._saved import (
    AnyCertificate as AnyCertificate,
    SavedCertificate as SavedCertificate,
    read_certificate as read_certificate,
    read_saved as read_saved,
    recheck as recheck,
    save_certificate as save_certificate,
    verify_signature as verify_signature,
)
from fathometer.generalization.certificates._signature import Signature as Signature, signer as signer
from fathometer.generalization.distances._change_of_measure import (
    donsker_varadhan as donsker_varadhan,
    kantorovich as kantorovich,
    renyi_change_of_measure as renyi_change_of_measure,
    sampled_gibbs_risk as sampled_gibbs_risk,
    total_variation_transport as total_variation_transport,
)
from fathometer.generalization.distances._divergences import (
    Gaussian as Gaussian,
    discrete_kl as discrete_kl,
    discrete_renyi as discrete_renyi,
    discrete_tv as discrete_tv,
    gaussian_kl as gaussian_kl,
    gaussian_renyi as gaussian_renyi,
    gaussian_tv as gaussian_tv,
)
from fathometer.generalization.distances._empirical_transport import (
    empirical_w1 as empirical_w1,
    empirical_w2 as empirical_w2,
)
from fathometer.generalization.distances._gaussian_norm import mean_gaussian_norm as mean_gaussian_norm
from fathometer.generalization.distances._optimal_transport import entropic_w1 as entropic_w1, sliced_w1 as sliced_w1
from fathometer.generalization.distances._transport import (
    dirac_to_ball as dirac_to_ball,
    dirac_to_dirac as dirac_to_dirac,
    dirac_to_gaussian as dirac_to_gaussian,
    gaussian_w1 as gaussian_w1,
    gaussian_w2 as gaussian_w2,
)
from fathometer.generalization.learning.linear._certificate import (
    LinearCertificate as LinearCertificate,
    certify_linear as certify_linear,
    linear_certificate as linear_certificate,
)
from fathometer.generalization.ledger._against_test import against_test as against_test
from fathometer.generalization.ledger._certified_risk import CertifiedRisk as CertifiedRisk
from fathometer.generalization.ledger._copies import Copies as Copies
from fathometer.generalization.ledger._ledger import Ledger as Ledger, LedgerRow as LedgerRow
from fathometer.generalization.ledger._parts_alike import PartsAlike as PartsAlike
from fathometer.generalization.ledger._recheck import Recheck as Recheck, named_values as named_values
from fathometer.numerics import keep_float64

keep_float64(__name__)
