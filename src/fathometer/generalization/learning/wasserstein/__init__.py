"""Learning with Wasserstein distances: the published batch and online algorithms, and their certificates."""

from fathometer.generalization.learning.wasserstein._batch import (
    VARIANTS as VARIANTS,
    BatchRun as BatchRun,
    blocks as blocks,
    learn_batch as learn_batch,
)
from fathometer.generalization.learning.wasserstein._certificates import (
    batch_ledgers as batch_ledgers,
    line_problem as line_problem,
    online_ledger as online_ledger,
)
from fathometer.generalization.learning.wasserstein._halves import (
    Halves as Halves,
    honest_halves as honest_halves,
    published_halves as published_halves,
)
from fathometer.generalization.learning.wasserstein._lipschitz import loss_constant as loss_constant
from fathometer.generalization.learning.wasserstein._loss import (
    linear_lipschitz as linear_lipschitz,
    log_barrier as log_barrier,
    multi_margin as multi_margin,
)
from fathometer.generalization.learning.wasserstein._network import Network as Network, Params as Params
from fathometer.generalization.learning.wasserstein._online import OnlineRun as OnlineRun, learn_online as learn_online
from fathometer.generalization.learning.wasserstein._options import Options as Options
from fathometer.generalization.learning.wasserstein._published import (
    PUBLISHED_SETS as PUBLISHED_SETS,
    PUBLISHED_SOURCE as PUBLISHED_SOURCE,
    PublishedRisk as PublishedRisk,
    published_risks as published_risks,
)
from fathometer.generalization.learning.wasserstein._reproduce import (
    Experiment as Experiment,
    Reproduced as Reproduced,
    experiments as experiments,
    reproduce as reproduce,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
