"""Settings of Sphinx: `make docs` gives it the tree that `docs/site/assemble.py` has written."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

project = "fathometer"
author = "The fathometer authors"
project_copyright = "The fathometer authors"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "docs.site.reference_ext",
]

# Guides are plain Markdown; generated pages use fenced blocks of directives, too.
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Docstrings are in Google style, and annotations stand in the signature alone.
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False
napoleon_use_rtype = False
add_module_names = False
default_role = "code"
smartquotes = False  # two hyphens are those of an option
python_maximum_signature_line_length = 100
python_use_unqualified_type_names = True

# Every reference has to lead somewhere; those to other libraries cannot without a network.
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!fathometer\.).*"), (r"py:.*", r"fathometer\.(.*\.)?_.*")]

html_theme = "furo"
html_title = "fathometer"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": [], "navigation_with_keys": True}
templates_path = []
exclude_patterns = []
pygments_style = "friendly"
