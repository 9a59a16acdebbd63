"""Wiring: the bench and what it hands to checks."""

pytest_plugins = ["callbox.plugin", "fixtures.handed"]
