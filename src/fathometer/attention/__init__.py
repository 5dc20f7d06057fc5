"""Self-attention as interacting particles on the sphere: clusters, energy, collapse."""

from fathometer.attention._certificate_verdicts import (
    certificate_document as certificate_document,
    certificate_rows as certificate_rows,
    certificate_verdicts as certificate_verdicts,
)
from fathometer.attention._certified_verdicts import (
    CollapseCertificate as CollapseCertificate,
    collapse_certificate as collapse_certificate,
)
from fathometer.attention._least_energy import (
    LeastEnergyAnswer as LeastEnergyAnswer,
    least_energy as least_energy,
)
from fathometer.attention._lifetime_verdicts import (
    add_certified_plateaus as add_certified_plateaus,
    certified_lifetime as certified_lifetime,
    lifetime_document as lifetime_document,
    lifetime_figure as lifetime_figure,
    lifetime_rows as lifetime_rows,
    lifetime_verdicts as lifetime_verdicts,
    staircase_figure as staircase_figure,
    staircase_verdicts as staircase_verdicts,
    with_certified as with_certified,
)
from fathometer.attention.dynamics._ascent_path import follow_ascent as follow_ascent
from fathometer.attention.dynamics._batch import BatchRun as BatchRun, simulate_batch as simulate_batch
from fathometer.attention.dynamics._caps import simulate_cloud as simulate_cloud
from fathometer.attention.dynamics._glued_circle import simulate_glued as simulate_glued
from fathometer.attention.dynamics._layer_statistics import (
    LayerStatistics as LayerStatistics,
    layer_statistics as layer_statistics,
    spectral_rank as spectral_rank,
)
from fathometer.attention.dynamics._layers import (
    equiangular_layer as equiangular_layer,
    iterate_layers as iterate_layers,
    layer_time as layer_time,
    usa_layer_step as usa_layer_step,
)
from fathometer.attention.dynamics._phase import (
    PhaseDiagram as PhaseDiagram,
    Score as Score,
    phase_curve_beta as phase_curve_beta,
    phase_diagram as phase_diagram,
)
from fathometer.attention.dynamics._random_draws import (
    draw_density as draw_density,
    draw_energies as draw_energies,
    draw_frames as draw_frames,
    draw_hemispheres as draw_hemispheres,
    draw_in_caps as draw_in_caps,
    draw_mixture as draw_mixture,
)
from fathometer.attention.dynamics._recorded import read_hidden as read_hidden, record as record
from fathometer.attention.dynamics._simulate import simulate as simulate
from fathometer.attention.dynamics._two_tokens import measure_two_token_time as measure_two_token_time
from fathometer.attention.dynamics.certified import (
    CertifiedCollapse as CertifiedCollapse,
    CertifiedPlateau as CertifiedPlateau,
    CollapseThreshold as CollapseThreshold,
    MetastableScan as MetastableScan,
    MetastableWindow as MetastableWindow,
    certified_collapse as certified_collapse,
    certified_staircase as certified_staircase,
    collapse_threshold as collapse_threshold,
    known_clouds as known_clouds,
    last_plateau as last_plateau,
    late_approach as late_approach,
    lifetime_after_collapse as lifetime_after_collapse,
    metastable_scan as metastable_scan,
    separated_caps as separated_caps,
    simulate_lifetime as simulate_lifetime,
)
from fathometer.attention.dynamics.collapse import (
    Collapse as Collapse,
    CollapseEvent as CollapseEvent,
    CollapseStatus as CollapseStatus,
    EnergyLevel as EnergyLevel,
    collapse_trajectory as collapse_trajectory,
    simulate_collapse as simulate_collapse,
)
from fathometer.attention.dynamics.minimal_energy._repulsion import (
    as_clouds as as_clouds,
    simulate_repulsion as simulate_repulsion,
)
from fathometer.attention.dynamics.minimal_energy._search import (
    LeastEnergy as LeastEnergy,
    minimize_energy as minimize_energy,
)
from fathometer.attention.model._ascent_path import AscentPath as AscentPath
from fathometer.attention.model._energy import (
    dm_energy as dm_energy,
    energy_deficit as energy_deficit,
    log_mp_energy as log_mp_energy,
    unit_energy as unit_energy,
)
from fathometer.attention.model._field import (
    interaction as interaction,
    velocity as velocity,
    velocity_and_dissipation as velocity_and_dissipation,
)
from fathometer.attention.model._hemisphere import hemisphere_margin as hemisphere_margin
from fathometer.attention.model._hessian import (
    circle_hessian as circle_hessian,
    interaction_range as interaction_range,
    pull_slope as pull_slope,
)
from fathometer.attention.model._random_problems import (
    CapTokens as CapTokens,
    GaussianMixture as GaussianMixture,
    TemperedTokens as TemperedTokens,
    UniformTokens as UniformTokens,
)
from fathometer.attention.model._scalar_closing import ScalarClosing as ScalarClosing
from fathometer.attention.model._system import Model as Model, ParticleSystem as ParticleSystem
from fathometer.attention.model.caps._clustered import ClusteredTokens as ClusteredTokens, Plateaus as Plateaus
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud as SeparatedCloud
from fathometer.attention.model.hemisphere._known_cloud import KnownCloud as KnownCloud
from fathometer.attention.model.minimal_energy._configurations import (
    Configuration as Configuration,
    sporadic_configurations as sporadic_configurations,
    universal_configuration as universal_configuration,
)
from fathometer.attention.model.minimal_energy._coordinates import configuration_points as configuration_points
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy as MinimalEnergy
from fathometer.attention.model.variants._glued_circle import GluedCircle as GluedCircle
from fathometer.attention.observables._circle import (
    ASCENT_CURVATURE as ASCENT_CURVATURE,
    HESSIAN_INDEX as HESSIAN_INDEX,
    ascent_curvature as ascent_curvature,
    hessian_index as hessian_index,
)
from fathometer.attention.observables._cosines import (
    CENTRED_MEAN_COSINE as CENTRED_MEAN_COSINE,
    CLOSE_PAIRS as CLOSE_PAIRS,
    centred as centred,
    centred_directions as centred_directions,
    centred_mean_cosine as centred_mean_cosine,
    close_pairs as close_pairs,
    cosine_histogram as cosine_histogram,
    cosine_quantiles as cosine_quantiles,
)
from fathometer.attention.observables._late_rate import late_rate as late_rate
from fathometer.attention.observables._layer_table import layer_table as layer_table
from fathometer.attention.observables._ranks import (
    DISTANCE_TO_COLLAPSE as DISTANCE_TO_COLLAPSE,
    PARTICIPATION_RATIO as PARTICIPATION_RATIO,
    STABLE_RANK as STABLE_RANK,
    distance_to_collapse as distance_to_collapse,
    participation_ratio as participation_ratio,
    stable_rank as stable_rank,
)
from fathometer.attention.observables._standard import (
    CLUSTER_COUNT as CLUSTER_COUNT,
    DISSIPATION_DEFECT as DISSIPATION_DEFECT,
    DM_ENERGY as DM_ENERGY,
    EFFECTIVE_RANK as EFFECTIVE_RANK,
    LOG_MP_ENERGY as LOG_MP_ENERGY,
    MEAN_COSINE as MEAN_COSINE,
    UNIT_ENERGY as UNIT_ENERGY,
    effective_rank as effective_rank,
    mean_cosine as mean_cosine,
)
from fathometer.attention.observables.caps._slow_manifold import SLOW_MANIFOLD_DISTANCE as SLOW_MANIFOLD_DISTANCE
from fathometer.attention.observables.caps._widths import entry_time as entry_time
from fathometer.attention.observables.clusters._clusters import (
    cluster_counts as cluster_counts,
    cluster_events as cluster_events,
    default_resolution as default_resolution,
)
from fathometer.attention.observables.clusters._gaps import (
    DIAMETER as DIAMETER,
    LARGEST_GAP as LARGEST_GAP,
    diameter as diameter,
    linkage_gaps as linkage_gaps,
)
from fathometer.attention.observables.clusters._membership import (
    CLUSTER_STABILITY as CLUSTER_STABILITY,
    Merger as Merger,
    cluster_members as cluster_members,
    mergers as mergers,
    resolution_range as resolution_range,
)
from fathometer.attention.observables.clusters._neighbours import (
    ATTENTION_ENTROPY as ATTENTION_ENTROPY,
    EFFECTIVE_NEIGHBOURS as EFFECTIVE_NEIGHBOURS,
    attention_entropy as attention_entropy,
)
from fathometer.attention.observables.clusters._plateaus import Plateau as Plateau, energy_plateaus as energy_plateaus
from fathometer.attention.observables.minimal_energy._clouds import (
    CLOUD_ENERGY as CLOUD_ENERGY,
    enclosed_energy as enclosed_energy,
    inner_products as inner_products,
)
from fathometer.attention.observables.paths._polyak_lojasiewicz import pl_ratio as pl_ratio
from fathometer.attention.predictions._caps import metastability_certificate as metastability_certificate
from fathometer.attention.predictions._closed_forms import (
    collapse_log_time as collapse_log_time,
    equiangular_log_time as equiangular_log_time,
    two_cluster_log_time as two_cluster_log_time,
    two_cluster_merge_fraction as two_cluster_merge_fraction,
)
from fathometer.attention.predictions._critical_points import (
    RigidRotation as RigidRotation,
    least_stiff_block as least_stiff_block,
    linear_rates as linear_rates,
    polygon_rates as polygon_rates,
)
from fathometer.attention.predictions._equiangular import (
    equiangular_deficit as equiangular_deficit,
    layer_cosine as layer_cosine,
    layer_cosine_limit as layer_cosine_limit,
)
from fathometer.attention.predictions._metastable_threshold import (
    MetastableThreshold as MetastableThreshold,
    metastability_threshold as metastability_threshold,
)
from fathometer.attention.predictions._random_clouds import (
    frame_alpha as frame_alpha,
    hemisphere_probability as hemisphere_probability,
    mean_uniform_energy as mean_uniform_energy,
    mixture_density as mixture_density,
)
from fathometer.attention.predictions._slow_motion import (
    leading_coalescence_log_time as leading_coalescence_log_time,
    limit_merge_fraction as limit_merge_fraction,
    log_closing_rate as log_closing_rate,
)
from fathometer.attention.predictions._staircase import (
    Staircase as Staircase,
    limit_staircase as limit_staircase,
    logarithmic_merge_time as logarithmic_merge_time,
    predicted_log_times as predicted_log_times,
    predicted_staircase as predicted_staircase,
)
from fathometer.attention.predictions._uniform_pattern import (
    fastest_mode as fastest_mode,
    growth_rates as growth_rates,
    log_mean_kernel as log_mean_kernel,
    mode_amplitudes as mode_amplitudes,
    pattern_time as pattern_time,
)
from fathometer.attention.predictions.hemisphere._cone_time import (
    ConeCourse as ConeCourse,
    chart_width as chart_width,
    cone_course as cone_course,
    cone_log_time as cone_log_time,
)
from fathometer.attention.predictions.hemisphere._known_cloud import (
    certified_course as certified_course,
    certified_log_time as certified_log_time,
)
from fathometer.attention.predictions.lifetime._caps import Caps as Caps
from fathometer.attention.predictions.lifetime._lifetime import (
    ClusterLifetime as ClusterLifetime,
    cluster_lifetime as cluster_lifetime,
)
from fathometer.attention.predictions.minimal_energy._configuration_energy import (
    configuration_energy as configuration_energy,
)
from fathometer.attention.predictions.minimal_energy._lower_bound import (
    EnergyBound as EnergyBound,
    minimal_energy_bound as minimal_energy_bound,
)
from fathometer.attention.predictions.variants._gluings import (
    limit_gluings as limit_gluings,
    predicted_gluings as predicted_gluings,
)
from fathometer.attention.verdicts import applicable_verdicts as applicable_verdicts, run_verdicts as run_verdicts
from fathometer.numerics import keep_float64

keep_float64(__name__)
