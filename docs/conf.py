"""Settings of Sphinx, which makes the book."""

import sys
from pathlib import Path

import tf_transformer  # noqa: F401  # keeps TensorFlow's start quiet

sys.path[:0] = [str(Path(__file__).parent)]  # docstrings, mathml, book_links

project = "tf_transformer"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "docstrings",
    "mathml",
    "book_links",
]
exclude_patterns = ["_build"]
default_role = "literal"  # our docstrings are written in Markdown
html_theme = "furo"
html_title = "tf_transformer"
html_show_copyright = False
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["book.css"]

myst_enable_extensions = ["colon_fence", "dollarmath"]
nb_execution_mode = "off"  # make_pages.py has executed them
nb_merge_streams = True
suppress_warnings = ["mystnb.unknown_mime_type"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_custom_sections = [
    ("Args", "params_style"),
    ("Call arguments", "params_style"),
    ("Fields", "params_style"),
    "Reference",
]
napoleon_use_rtype = False
