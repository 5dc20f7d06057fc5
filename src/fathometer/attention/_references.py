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
