"""Your own network: do its tokens collapse, how large a step can it take, how wrong can it be.

Networks of torch, JAX, ONNX and folders of transformers. torch and transformers come with the extra `torch`, onnx and
onnxruntime with the extra `onnx`; nothing here imports them before a network of theirs is brought.
"""

from fathometer.network._objective import Matrix as Matrix, Objective as Objective
from fathometer.network.adapters import brought as brought, wrap as wrap
from fathometer.network.certificates import (
    Head as Head,
    LanguageCertificate as LanguageCertificate,
    LanguageCertified as LanguageCertified,
    NetworkCertified as NetworkCertified,
    OwnNetworkCertificate as OwnNetworkCertificate,
    certify as certify,
    certify_language as certify_language,
    recheck_file as recheck_file,
)
from fathometer.network.curvature._curvature import Curvature as Curvature, curvature as curvature
from fathometer.network.curvature._density import Density as Density
from fathometer.network.curvature._objective_of import objective as objective
from fathometer.network.curvature._plan import Mode as Mode, Plan as Plan
from fathometer.network.inspection import (
    Demo as Demo,
    demo as demo,
    demo_network as demo_network,
    inspect as inspect,
    inspect_demo as inspect_demo,
)
from fathometer.network.layers import LayersReducer as LayersReducer, LayersReport as LayersReport
from fathometer.network.recording import (
    Recording as Recording,
    record as record,
    recorded_texts as recorded_texts,
    tap as tap,
)
from fathometer.network.steps import (
    CriticalStep as CriticalStep,
    Edge as Edge,
    EdgeRule as EdgeRule,
    History as History,
    Terminal as Terminal,
    Watch as Watch,
    critical_step as critical_step,
    watch_figure as watch_figure,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
