"""Wiring: what checks are handed. The bench itself is the plugin that is installed with callbox."""

pytest_plugins = ["fixtures.handed"]
