"""A desktop arena where people and learning agents play games."""

__version__ = "0.1.0"
