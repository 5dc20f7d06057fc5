"""Tables on the terminal, charts and one-file HTML pages."""

from fathometer.report._certificate_charts import (
    BASELINE as BASELINE,
    LearningCurve as LearningCurve,
    RiskRow as RiskRow,
    RiskRows as RiskRows,
    percent_ends as percent_ends,
    percent_near as percent_near,
    percent_up as percent_up,
)
from fathometer.report._certificate_page import (
    UNSEEN as UNSEEN,
    CertificatePage as CertificatePage,
    certified_sentence as certified_sentence,
    write_certificate_page as write_certificate_page,
)
from fathometer.report._figure import (
    Comparison as Comparison,
    Figure as Figure,
    FigureSettings as FigureSettings,
    level as level,
    series as series,
)
from fathometer.report._files import (
    check_file as check_file,
    check_folder as check_folder,
    write_bytes as write_bytes,
    write_json as write_json,
    write_text as write_text,
)
from fathometer.report._model_card import CardDetails as CardDetails, model_card as model_card
from fathometer.report._page import Report as Report, Section as Section
from fathometer.report._picture import picture_form as picture_form, write_picture as write_picture
from fathometer.report._tables import (
    TextTable as TextTable,
    print_estimates as print_estimates,
    print_rows as print_rows,
    print_verdicts as print_verdicts,
)
from fathometer.report._theorem_graph import GRAPH_FORMS as GRAPH_FORMS, theorem_graph as theorem_graph
from fathometer.report.panels._charts import (
    Bars as Bars,
    Chart as Chart,
    Curve as Curve,
    Panel as Panel,
    Ranges as Ranges,
    Role as Role,
    checked_format as checked_format,
    render as render,
)
from fathometer.report.panels._gallery import Gallery as Gallery, film as film
from fathometer.report.panels._heat_map import HeatMap as HeatMap
from fathometer.report.panels._histogram import Histogram as Histogram
from fathometer.report.panels._on_sphere import OnSphere as OnSphere
