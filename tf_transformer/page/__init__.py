"""A page that translates in the browser."""

from tf_transformer.page.page_folder import export_page

__all__ = ["export_page"]
