"""The Allure report of a run as one page that opens from disk and calls nobody, made of a folder of Allure results."""

from callbox.allure_report.errors import ReportError
from callbox.allure_report.make import Report, make_report

__all__ = ["Report", "ReportError", "make_report"]
