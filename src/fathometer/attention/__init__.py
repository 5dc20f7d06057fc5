"""Self-attention as interacting particles on the sphere: clusters, energy, collapse."""

from fathometer.attention._closed_forms import (
    collapse_log_time as collapse_log_time,
    equiangular_log_time as equiangular_log_time,
    two_cluster_log_time as two_cluster_log_time,
    two_cluster_merge_fraction as two_cluster_merge_fraction,
)
from fathometer.attention._clusters import (
    cluster_counts as cluster_counts,
    cluster_events as cluster_events,
    default_resolution as default_resolution,
)
from fathometer.attention._energy import (
    dm_energy as dm_energy,
    energy_deficit as energy_deficit,
    log_mp_energy as log_mp_energy,
    unit_energy as unit_energy,
)
from fathometer.attention._field import (
    interaction as interaction,
    velocity as velocity,
    velocity_and_dissipation as velocity_and_dissipation,
)
from fathometer.attention._hemisphere import hemisphere_margin as hemisphere_margin
from fathometer.attention._observables import (
    CLUSTER_COUNT as CLUSTER_COUNT,
    DISSIPATION_DEFECT as DISSIPATION_DEFECT,
    EFFECTIVE_RANK as EFFECTIVE_RANK,
    MEAN_COSINE as MEAN_COSINE,
    UNIT_ENERGY as UNIT_ENERGY,
    effective_rank as effective_rank,
    mean_cosine as mean_cosine,
)
from fathometer.attention._run_verdicts import run_verdicts as run_verdicts
from fathometer.attention._simulate import simulate as simulate
from fathometer.attention._system import Model as Model, ParticleSystem as ParticleSystem, particles as particles
from fathometer.attention._two_tokens import measure_two_token_time as measure_two_token_time
