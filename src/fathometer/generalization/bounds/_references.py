"""Publications that the bounds come from."""

from fathometer.evidence import Reference

AGRAWAL = Reference(
    "agrawal2020finite",
    "Agrawal, Rohit",
    "Finite-sample concentration of the multinomial in relative entropy",
    2020,
    "IEEE Transactions on Information Theory",
    "1904.02291",
)
AMIT = Reference(
    "amit2022integral",
    "Amit, Ron and Epstein, Baruch and Moran, Shay and Meir, Ron",
    "Integral probability metrics PAC-Bayes bounds",
    2022,
    "NeurIPS",
    "2207.00614",
)
AUDIBERT = Reference(
    "audibert2007combining",
    "Audibert, Jean-Yves and Bousquet, Olivier",
    "Combining PAC-Bayesian and generic chaining bounds",
    2007,
    "Journal of Machine Learning Research",
)
BARTLETT = Reference(
    "bartlett2002rademacher",
    "Bartlett, Peter L. and Mendelson, Shahar",
    "Rademacher and Gaussian complexities: risk bounds and structural results",
    2002,
    "Journal of Machine Learning Research",
)
BIGGS = Reference(
    "biggs2022margins",
    "Biggs, Felix and Guedj, Benjamin",
    "On margins and derandomisation in PAC-Bayes",
    2022,
    "AISTATS",
    "2107.03955",
)
BLANCHARD = Reference("blanchard2007occam", "Blanchard, Gilles and Fleuret, François", "Occam's hammer", 2007, "COLT")
BOUSQUET = Reference(
    "bousquet2002stability",
    "Bousquet, Olivier and Elisseeff, André",
    "Stability and generalization",
    2002,
    "Journal of Machine Learning Research",
)
CATONI = Reference(
    "catoni2007pac",
    "Catoni, Olivier",
    "PAC-Bayesian supervised classification: the thermodynamics of statistical learning",
    2007,
    "IMS Lecture Notes",
    "0712.0248",
)
CHUGG = Reference(
    "chugg2023unified",
    "Chugg, Ben and Wang, Hongjian and Ramdas, Aaditya",
    "A unified recipe for deriving (time-uniform) PAC-Bayes bounds",
    2023,
    "Journal of Machine Learning Research",
    "2302.03421",
)
CLOPPER = Reference(
    "clopper1934use",
    "Clopper, C. J. and Pearson, E. S.",
    "The use of confidence or fiducial limits illustrated in the case of the binomial",
    1934,
    "Biometrika",
)
DUPUIS = Reference(
    "dupuis2024uniform",
    "Dupuis, Benjamin and Viallard, Paul and Deligiannidis, George and Simsekli, Umut",
    "Uniform generalization bounds on data-dependent hypothesis sets via PAC-Bayesian theory on random sets",
    2024,
    "arXiv",
    "2404.17442",
)
DZIUGAITE = Reference(
    "dziugaite2018data",
    "Dziugaite, Gintare Karolina and Roy, Daniel M.",
    "Data-dependent PAC-Bayes priors via differential privacy",
    2018,
    "NeurIPS",
    "1802.09583",
)
FATHOMETER = Reference(
    "fathometer2026",
    "The fathometer authors",
    "fathometer: theorems about neural networks that run",
    2026,
    "software",
)
HADDOUCHE = Reference(
    "haddouche2023pac",
    "Haddouche, Maxime and Guedj, Benjamin",
    "PAC-Bayes generalisation bounds for heavy-tailed losses through supermartingales",
    2023,
    "Transactions on Machine Learning Research",
    "2210.00928",
)
HOEFFDING = Reference(
    "hoeffding1963probability",
    "Hoeffding, Wassily",
    "Probability inequalities for sums of bounded random variables",
    1963,
    "Journal of the American Statistical Association",
)
JANG = Reference(
    "jang2023tighter",
    "Jang, Kyoungseok and Jun, Kwang-Sung and Kuzborskij, Ilja and Orabona, Francesco",
    "Tighter PAC-Bayes bounds through coin-betting",
    2023,
    "COLT",
    "2302.05829",
)
LACASSE = Reference(
    "lacasse2006pac",
    "Lacasse, Alexandre and Laviolette, François and Marchand, Mario and Germain, Pascal and Usunier, Nicolas",
    "PAC-Bayes bounds for the risk of the majority vote and the variance of the Gibbs classifier",
    2006,
    "NIPS",
)
LANGFORD = Reference(
    "langford2005tutorial",
    "Langford, John",
    "Tutorial on practical prediction theory for classification",
    2005,
    "Journal of Machine Learning Research",
)
LITTLESTONE = Reference(
    "littlestone1986relating",
    "Littlestone, Nick and Warmuth, Manfred K.",
    "Relating data compression and learnability",
    1986,
    "University of California, Santa Cruz",
)
MASEGOSA = Reference(
    "masegosa2020second",
    "Masegosa, Andrés R. and Lorenzen, Stephan S. and Igel, Christian and Seldin, Yevgeny",
    "Second order PAC-Bayesian bounds for the weighted majority vote",
    2020,
    "NeurIPS",
    "2007.13532",
)
MAURER = Reference(
    "maurer2004note", "Maurer, Andreas", "A note on the PAC Bayesian theorem", 2004, "arXiv", "cs/0411099"
)
MAURER_PONTIL = Reference(
    "maurer2009empirical",
    "Maurer, Andreas and Pontil, Massimiliano",
    "Empirical Bernstein bounds and sample variance penalization",
    2009,
    "COLT",
    "0907.3740",
)
MCALLESTER = Reference(
    "mcallester2003simplified", "McAllester, David", "Simplified PAC-Bayesian margin bounds", 2003, "COLT"
)
PEREZ_ORTIZ = Reference(
    "perezortiz2021tighter",
    "Pérez-Ortiz, María and Rivasplata, Omar and Shawe-Taylor, John and Szepesvári, Csaba",
    "Tighter risk certificates for neural networks",
    2021,
    "Journal of Machine Learning Research",
    "2007.12911",
)
RIVASPLATA = Reference(
    "rivasplata2020pac",
    "Rivasplata, Omar and Kuzborskij, Ilja and Szepesvári, Csaba and Shawe-Taylor, John",
    "PAC-Bayes analysis beyond the usual bounds",
    2020,
    "NeurIPS",
    "2006.13057",
)
SEEGER = Reference(
    "seeger2002pac",
    "Seeger, Matthias",
    "PAC-Bayesian generalisation error bounds for Gaussian process classification",
    2002,
    "Journal of Machine Learning Research",
)
THIEMANN = Reference(
    "thiemann2017strongly",
    "Thiemann, Niklas and Igel, Christian and Wintenberger, Olivier and Seldin, Yevgeny",
    "A strongly quasiconvex PAC-Bayesian bound",
    2017,
    "ALT",
    "1608.05646",
)
TOLSTIKHIN = Reference(
    "tolstikhin2013pac",
    "Tolstikhin, Ilya O. and Seldin, Yevgeny",
    "PAC-Bayes-empirical-Bernstein inequality",
    2013,
    "NIPS",
)
VAPNIK = Reference(
    "vapnik1971uniform",
    "Vapnik, V. N. and Chervonenkis, A. Ya.",
    "On the uniform convergence of relative frequencies of events to their probabilities",
    1971,
    "Theory of Probability and its Applications",
)
VIALLARD_DISINTEGRATED = Reference(
    "viallard2024general",
    "Viallard, Paul and Germain, Pascal and Habrard, Amaury and Morvant, Emilie",
    "A general framework for the practical disintegration of PAC-Bayesian bounds",
    2024,
    "Machine Learning",
    "2102.08649",
)
VIALLARD_INTERPOLATION = Reference(
    "viallard2024tighter",
    "Viallard, Paul and Haddouche, Maxime and Simsekli, Umut and Guedj, Benjamin",
    "Tighter generalisation bounds via interpolation",
    2024,
    "arXiv",
    "2402.05101",
)
VIALLARD_WASSERSTEIN = Reference(
    "viallard2023learning",
    "Viallard, Paul and Haddouche, Maxime and Simsekli, Umut and Guedj, Benjamin",
    "Learning via Wasserstein-based high probability generalisation bounds",
    2023,
    "NeurIPS",
    "2306.04375",
)
WU = Reference(
    "wu2022split",
    "Wu, Yi-Shan and Seldin, Yevgeny",
    "Split-kl and PAC-Bayes-split-kl inequalities for ternary random variables",
    2022,
    "NeurIPS",
    "2206.00706",
)
