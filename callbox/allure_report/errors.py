"""What a person is told when no report can be made."""


class ReportError(ValueError):
    """The report cannot be made: one line that says what is wrong, where, and what to do."""
