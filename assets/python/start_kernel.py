"""Starts ipykernel in an environment that is not ours, with our modules beside it instead of in it."""

import os
import sys

# This folder is the first that Python looks into; what the environment has of the same name shall win.
_own = sys.path.pop(0) if sys.path and os.path.realpath(sys.path[0]) == os.path.dirname(os.path.realpath(__file__)) else None
if _own:
    sys.path.append(_own)

import atelier_bridge  # noqa: E402,F401

try:
    from ipykernel import kernelapp
except ImportError as error:
    raise SystemExit("ipykernel is not in this environment (%s): install it from the packages panel." % error)

kernelapp.launch_new_instance()
