"""What is drawn of a study."""

from fathometer.study.figure._draw import study_figure as study_figure
