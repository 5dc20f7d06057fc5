"""The publications on clouds of least energy."""

from fathometer.evidence import Reference

UNIVERSAL = Reference(
    "cohn2007universally",
    "Cohn, Henry and Kumar, Abhinav",
    "Universally optimal distribution of points on spheres",
    2007,
    "Journal of the American Mathematical Society 20, 99-148",
    "math/0607446",
)
YUDIN = Reference(
    "yudin1992minimum",
    "Yudin, Vladimir A.",
    "Minimum potential energy of a point system of charges",
    1992,
    "Diskretnaya Matematika 4 (2), 115-121",
)
