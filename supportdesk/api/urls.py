"""Every address of the API. Who may come in is asked of the token; see ``staff.api``."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView

from cases.api import views as cases
from customers import api as customers
from escalations import api as escalations
from staff.api import views as staff
from staff.api.problems import not_found
from supportdesk.api import docs, schema  # noqa: F401  how a token is described

# Read from the top: cases are asked for most.
version_1 = [*cases.urlpatterns, *staff.urlpatterns, *customers.urlpatterns, *escalations.urlpatterns]

urlpatterns = [
    path("v1/", include((version_1, "api"))),
    path("schema/", login_not_required(SpectacularAPIView.as_view()), name="schema"),
    path("docs/", docs.browse, name="api_docs"),
    path("docs/problems", docs.problems, name="api_problems"),
    re_path(r"^[\s\S]*\Z", csrf_exempt(login_not_required(not_found)), name="no_such_address"),
]
