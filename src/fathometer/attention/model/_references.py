"""The publications that the attention theorems come from."""

from fathometer.evidence import Reference

METASTABILITY = Reference(
    "geshkovski2024metastability",
    "Geshkovski, Borjan and Koubbi, Hugo and Polyanskiy, Yury and Rigollet, Philippe",
    "Dynamic metastability in the self-attention model",
    2024,
    "arXiv",
    "2410.06833",
)
PERSPECTIVE = Reference(
    "geshkovski2023perspective",
    "Geshkovski, Borjan and Letrouit, Cyril and Polyanskiy, Yury and Rigollet, Philippe",
    "A mathematical perspective on Transformers",
    2023,
    "arXiv",
    "2312.10794",
)
SURVEY = Reference(
    "rigollet2025meanfield",
    "Rigollet, Philippe",
    "The mean-field dynamics of Transformers",
    2025,
    "arXiv",
    "2512.01868",
)
NOISE_TYPE = Reference(
    "mun2026phase",
    "Mun, Kyunghoo and Rosenzweig, Matthew",
    "Phase transitions for the noisy transformer model in arbitrary dimension",
    2026,
    "arXiv",
    "2606.05140",
)
MULTISCALE = Reference(
    "bruno2024meanshift",
    "Bruno, Giuseppe and Pasqualotto, Federico and Agazzi, Andrea",
    "Emergence of meta-stable clustering in mean-field transformer models",
    2024,
    "arXiv",
    "2410.23228",
)
CAUSAL = Reference(
    "karagodin2024causal",
    "Karagodin, Nikita and Polyanskiy, Yury and Rigollet, Philippe",
    "Clustering in causal attention masking",
    2024,
    "arXiv",
    "2411.04990",
)
NORMALIZATION = Reference(
    "karagodin2025normalization",
    "Karagodin, Nikita and Ge, Shu and Polyanskiy, Yury and Rigollet, Philippe",
    "Normalization in attention dynamics",
    2025,
    "arXiv",
    "2510.22026",
)
SYNCHRONIZATION = Reference(
    "criscitiello2024synchronization",
    "Criscitiello, Christopher and Rebjock, Quentin and McRae, Andrew D. and Boumal, Nicolas",
    "Synchronization on circles and spheres with nonlinear interactions",
    2024,
    "arXiv",
    "2405.18273",
)
WENDEL = Reference(
    "wendel1962geometric",
    "Wendel, James G.",
    "A problem in geometric probability",
    1962,
    "Mathematica Scandinavica 11, 109-111",
)
SLOW_MOTION = Reference(
    "otto2007slow",
    "Otto, Felix and Reznikoff, Maria G.",
    "Slow motion of gradient flows",
    2007,
    "Journal of Differential Equations 237, 372-420",
)
QUANTITATIVE = Reference(
    "chen2025quantitative",
    "Chen, Shi and Lin, Zhengjiang and Polyanskiy, Yury and Rigollet, Philippe",
    "Quantitative clustering in mean-field transformer models",
    2025,
    "arXiv",
    "2504.14697",
)
FRANK_WOLFE = Reference(
    "alcalde2025hardmax",
    "Alcalde, Albert and Geshkovski, Borjan and Ruiz-Balet, Domenec",
    "Attention's forward pass and Frank-Wolfe",
    2025,
    "arXiv",
    "2508.09628",
)
EMERGENCE = Reference(
    "geshkovski2023emergence",
    "Geshkovski, Borjan and Letrouit, Cyril and Polyanskiy, Yury and Rigollet, Philippe",
    "The emergence of clusters in self-attention dynamics",
    2023,
    "arXiv",
    "2305.05465",
)
