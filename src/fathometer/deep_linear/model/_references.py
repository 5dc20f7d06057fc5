"""Publications that the statements on deep linear networks come from."""

from fathometer.evidence import Reference

MARION_CHIZAT = Reference(
    key="marion2024deep",
    authors="Marion, Pierre and Chizat, Lénaïc",
    title="Deep linear networks for regression are implicitly regularized towards flat minima",
    year=2024,
    venue="Advances in Neural Information Processing Systems",
    identifier="2405.13456",
)
MULAYOFF_MICHAELI = Reference(
    key="mulayoff2020unique",
    authors="Mulayoff, Rotem and Michaeli, Tomer",
    title="Unique properties of flat minima in deep networks",
    year=2020,
    venue="International Conference on Machine Learning",
    identifier="2002.04710",
)
YOO_SONG_YUN = Reference(
    key="yoo2025understanding",
    authors="Yoo, Geonhui and Song, Minhak and Yun, Chulhee",
    title="Understanding sharpness dynamics in NN training with a minimalist example: "
    "the effects of dataset difficulty, depth, stochasticity, and more",
    year=2025,
    venue="International Conference on Machine Learning",
    identifier="2506.06940",
)
ARORA_COHEN_GOLOWICH_HU = Reference(
    key="arora2019convergence",
    authors="Arora, Sanjeev and Cohen, Nadav and Golowich, Noah and Hu, Wei",
    title="A convergence analysis of gradient descent for deep linear neural networks",
    year=2019,
    venue="International Conference on Learning Representations",
    identifier="1810.02281",
)
JI_TELGARSKY = Reference(
    key="ji2019gradient",
    authors="Ji, Ziwei and Telgarsky, Matus",
    title="Gradient descent aligns the layers of deep linear networks",
    year=2019,
    venue="International Conference on Learning Representations",
    identifier="1810.02032",
)
COHEN_KAUR = Reference(
    key="cohen2021gradient",
    authors="Cohen, Jeremy and Kaur, Simran and Li, Yuanzhi and Kolter, J. Zico and Talwalkar, Ameet",
    title="Gradient descent on neural networks typically occurs at the edge of stability",
    year=2021,
    venue="International Conference on Learning Representations",
    identifier="2103.00065",
)
COHEN_DAMIAN = Reference(
    key="cohen2024understanding",
    authors="Cohen, Jeremy and Damian, Alex and Talwalkar, Ameet and Kolter, J. Zico and Lee, Jason D.",
    title="Understanding optimization in deep learning with central flows",
    year=2024,
    venue="arXiv",
    identifier="2410.24206",
)
ARORA_COHEN_HAZAN = Reference(
    key="arora2018optimization",
    authors="Arora, Sanjeev and Cohen, Nadav and Hazan, Elad",
    title="On the optimization of deep networks: implicit acceleration by overparameterization",
    year=2018,
    venue="International Conference on Machine Learning",
    identifier="1802.06509",
)
BRAUN_ET_AL = Reference(
    key="braun2022exact",
    authors="Braun, Lukas and Dominé, Clémentine and Fitzgerald, James and Saxe, Andrew",
    title="Exact learning dynamics of deep linear networks with prior knowledge",
    year=2022,
    venue="Advances in Neural Information Processing Systems",
)
SAXE_MCCLELLAND_GANGULI = Reference(
    key="saxe2014exact",
    authors="Saxe, Andrew M. and McClelland, James L. and Ganguli, Surya",
    title="Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    year=2014,
    venue="International Conference on Learning Representations",
    identifier="1312.6120",
)
KREISLER_ET_AL = Reference(
    key="kreisler2023gradient",
    authors="Kreisler, Itai and Nacson, Mor Shpigel and Soudry, Daniel and Carmon, Yair",
    title="Gradient descent monotonically decreases the sharpness of gradient flow solutions in scalar networks "
    "and beyond",
    year=2023,
    venue="International Conference on Machine Learning",
    identifier="2305.13064",
)
PERIOD_DOUBLING = Reference(
    key="ghosh2025learning",
    authors="Ghosh, Avrajit and Kwon, Soo Min and Wang, Rongrong and Ravishankar, Saiprasad and Qu, Qing",
    title="Learning dynamics of deep linear networks beyond the edge of stability",
    year=2025,
    venue="International Conference on Learning Representations",
    identifier="2502.20531",
)
