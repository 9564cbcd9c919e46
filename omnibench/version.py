"""The version of the package, for whatever names it: nothing has to import the face for it."""

__version__ = "0.1.0"
