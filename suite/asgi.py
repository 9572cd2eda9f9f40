"""The ASGI application that uvicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "suite.settings")
django.setup(set_prefix=False)

from suite import addresses, answering  # noqa: E402 (views can be named only once Django is set up)

application = answering.Handler()
addresses.refuse_undeclared()
answering.settle_memory()
