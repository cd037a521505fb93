"""Lets unchanged SageMaker code reach a platform on this machine, and reach it quickly.

Three habits of the AWS libraries stand in the way of a local endpoint:

* the SageMaker SDK gives its STS client the address of AWS itself, whatever AWS_ENDPOINT_URL says;
* the SDK and boto3's waiters sleep 5 to 120 seconds between two looks at a job that may end in one;
* the SDK validates its configuration file anew for every value that it looks up in it, 50 times in a short script,
  which takes longer than training a small model.

They are corrected while the modules concerned are imported. Nothing of this happens unless AWS_ENDPOINT_URL names this
machine, and nothing is imported earlier than the program does it itself.

Besides, a package that is installed while a kernel runs is found at the next import, and `variables` tells the studio
what a notebook has in memory.
"""

import importlib
import importlib.abc
import importlib.machinery
import os
import sys
import threading
import time
from urllib.parse import urlsplit

# Seconds between two looks at something on this machine.
LOOK_AGAIN_S = 0.2


def _endpoint():
    """The platform's address if it is on this machine, else None."""
    address = os.environ.get("AWS_ENDPOINT_URL", "")
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return address if host in ("127.0.0.1", "localhost", "::1") else None


class _Clock:
    """Stands for the module `time` in a module that polls: sleeps are short.

    Inside `passing`, time runs on by what was asked to be slept but was not, so that a loop that looks every
    30 seconds looks every third of a second instead.
    """

    def __init__(self):
        self._thread = threading.local()

    def __getattr__(self, name):
        return getattr(time, name)

    def sleep(self, seconds):
        short = min(seconds, LOOK_AGAIN_S)
        time.sleep(short)
        if hasattr(self._thread, "ahead"):
            self._thread.ahead += seconds - short

    def time(self):
        return time.time() + getattr(self._thread, "ahead", 0.0)

    def passing(self, function):
        """Wraps a log-tailing loop. With a `timeout` of its own it keeps the true time."""

        def wrapped(*args, **kwargs):
            if kwargs.get("timeout") or hasattr(self._thread, "ahead"):
                return function(*args, **kwargs)
            self._thread.ahead = 0.0
            try:
                return function(*args, **kwargs)
            finally:
                del self._thread.ahead

        wrapped.__name__ = function.__name__
        wrapped.__doc__ = function.__doc__
        wrapped.__wrapped__ = function
        return wrapped


def _own_sts(module):
    """STS is where everything else is."""
    original = module.sts_regional_endpoint

    def sts_regional_endpoint(region):
        return os.environ.get("AWS_ENDPOINT_URL_STS") or _endpoint() or original(region)

    module.sts_regional_endpoint = sts_regional_endpoint


def _quick_session(module):
    clock = _Clock()
    module.time = clock
    if hasattr(module, "_logs_for_job"):
        module._logs_for_job = clock.passing(module._logs_for_job)
    for name in ("logs_for_processing_job", "logs_for_transform_job", "logs_for_auto_ml_job"):
        if hasattr(module.Session, name):
            setattr(module.Session, name, clock.passing(getattr(module.Session, name)))


def _quick_waiters(module):
    """A waiter may wait as long as before; it only looks more often."""
    original = module.Waiter.wait

    def wait(self, **kwargs):
        config = dict(kwargs.pop("WaiterConfig", None) or {})
        delay = config.get("Delay", self.config.delay)
        attempts = config.get("MaxAttempts", self.config.max_attempts)
        if delay > LOOK_AGAIN_S:
            attempts = int(attempts * delay / LOOK_AGAIN_S) + 1
            delay = LOOK_AGAIN_S
        return original(self, WaiterConfig={"Delay": delay, "MaxAttempts": attempts}, **kwargs)

    module.Waiter.wait = wait


def _validate_once(module):
    """A configuration that was found valid stays so."""
    original = module.validate_sagemaker_config
    valid = set()

    def validate_sagemaker_config(sagemaker_config=None):
        text = repr(sagemaker_config)
        if text not in valid:
            original(sagemaker_config)
            valid.add(text)

    module.validate_sagemaker_config = validate_sagemaker_config


_CHANGES = {
    "sagemaker.config.config": (_validate_once,),
    "sagemaker.utils": (_own_sts,),
    "sagemaker.session": (_quick_session,),
    "sagemaker.core.common_utils": (_own_sts,),
    "botocore.waiter": (_quick_waiters,),
}


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what the other finders find, and applies the changes once the module has run."""

    def find_spec(self, name, path=None, target=None):
        changes = _CHANGES.get(name)
        if changes is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            for change in changes:
                try:
                    change(module)
                except AttributeError as error:
                    # Another version of the library: it works as its authors made it, only slower.
                    print("atelier_bridge: %s is not adapted: %s" % (name, error), file=sys.stderr)

        spec.loader.exec_module = exec_module
        return spec


class _NewPackages(importlib.abc.MetaPathFinder):
    """The last to be asked: a module that was not found may have been installed since Python looked into its folder."""

    def __init__(self):
        self._seen = self._changed()

    @staticmethod
    def _changed():
        times = []
        for folder in sys.path:
            try:
                times.append((folder, os.stat(folder or ".").st_mtime_ns))
            except OSError:
                pass
        return times

    def find_spec(self, name, path=None, target=None):
        if path is not None:
            return None
        now = self._changed()
        if now == self._seen:
            return None
        self._seen = now
        importlib.invalidate_caches()
        return importlib.machinery.PathFinder.find_spec(name, path, target)


def variables():
    """What the notebook has in memory by name; see `atelier._variables`."""
    from atelier import _variables

    return _variables.variables()


sys.meta_path.append(_NewPackages())

if _endpoint():
    # The platform answers a Describe from an SDK that cannot poll quickly only when there is news.
    # This name in the user agent says that this one can.
    os.environ.setdefault("AWS_SDK_UA_APP_ID", "atelier-bridge")
    sys.meta_path.insert(0, _Finder())
