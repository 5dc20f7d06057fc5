"""Networks that are trained and certified here: PAC-Bayes with backprop, and everything else that applies."""

from fathometer.generalization.learning.networks._certificate import (
    MODELS as MODELS,
    NetworkCertificate as NetworkCertificate,
    certify_network as certify_network,
    model_settings as model_settings,
)
from fathometer.generalization.learning.networks._law import (
    GaussianWeights as GaussianWeights,
    loss_lipschitz as loss_lipschitz,
    score_lipschitz as score_lipschitz,
    weights_kl as weights_kl,
    weights_log_ratio as weights_log_ratio,
)
from fathometer.generalization.learning.networks._literature import LITERATURE as LITERATURE, Published as Published
from fathometer.generalization.learning.networks._model import GivenPrior as GivenPrior
from fathometer.generalization.learning.networks._problem import (
    InputScaling as InputScaling,
    network_split as network_split,
)
from fathometer.generalization.learning.networks._settings import (
    NetworkSettings as NetworkSettings,
    Objective as Objective,
    shares_with_prior as shares_with_prior,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
