"""Generalization certificates: bounds as objects, ledgers under one delta, and the theorems behind them."""

from fathometer.generalization._bound import (
    Bound as Bound,
    BoundValue as BoundValue,
    Certifies as Certifies,
    Key as Key,
    KeyKind as KeyKind,
)
from fathometer.generalization._catalogue import (
    bound as bound,
    catalogue as catalogue,
    catalogue_rows as catalogue_rows,
    evaluate_bound as evaluate_bound,
)
from fathometer.generalization._certificate import Certificate as Certificate
from fathometer.generalization._constants import (
    kt_constant as kt_constant,
    maurer_constant as maurer_constant,
    mean_gaussian_norm as mean_gaussian_norm,
)
from fathometer.generalization._delta import DeltaAccount as DeltaAccount
from fathometer.generalization._ledger import Ledger as Ledger, LedgerRow as LedgerRow
from fathometer.generalization._linear_ledger import certify_linear as certify_linear
