"""The ASGI application that uvicorn serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "suite.settings")

application = get_asgi_application()

from suite import addresses  # noqa: E402 (views can be named only once Django is set up)

addresses.refuse_undeclared()
