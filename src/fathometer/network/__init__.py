"""Your own network: do its tokens collapse, how large a step can it take, how wrong can it be.

Networks of torch, JAX, ONNX and folders of transformers. torch and transformers come with the extra `torch`, onnx and
onnxruntime with the extra `onnx`; nothing here imports them before a network of theirs is brought.
"""

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
from fathometer.network.recording import record as record, recorded_texts as recorded_texts, tap as tap
