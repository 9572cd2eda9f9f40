"""The ASGI application that uvicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "suite.settings")
django.setup(set_prefix=False)

from suite import addresses, answering  # noqa: E402 (views can be named only once Django is set up)
from suite.shell.bodies import SmallBodies  # noqa: E402

application = SmallBodies(answering.Handler())
addresses.refuse_undeclared()
answering.settle_memory()
