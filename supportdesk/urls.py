"""Every address of the desk. Sign-in is required everywhere but where a view says otherwise; a test knows the list."""

from allauth.account import views as allauth
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path

from supportdesk import signin, styleguide
from supportdesk.telling.urls import urlpatterns as telling
from supportdesk.tokens.urls import urlpatterns as tokens

# Of allauth's pages those that staff need; nobody signs up, and there is no mail to reset a password with.
accounts = [
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("signup/", allauth.signup, name="account_signup"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
]

# The admin has a sign-in page of its own: whoever is not signed in is sent to the one that all use.
admin.site.login = secure_admin_login(admin.site.login)
# An agent's rights and address stand on the agent: these two would only lead astray.
admin.site.unregister([Group, EmailAddress])
admin.site.site_header = admin.site.site_title = "Supportdesk"
admin.site.index_title = "Departments, topics, hours and people"

handler400 = "supportdesk.broken.unreadable"
handler500 = "supportdesk.broken.page"

# Addresses are tried in this order: what has a word of its own is found before all that have none.
urlpatterns = [
    path("api/", include("supportdesk.api.urls")),
    path("escalations/", include("escalations.urls")),
    path("help/", include("portal.urls")),
    path("sign-in/<str:token>/", signin.by_link, name="sign_in_by_link"),
    path("accounts/", include(accounts)),
    path("admin/", admin.site.urls),
    path("settings/webhooks/", include("channels.urls")),
    path("settings/", include(([*telling, *tokens], "settings"))),
    path("privacy/", include("supportdesk.privacy.urls")),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/<slug:screen>/", styleguide.styleguide_screen, name="styleguide_screen"),
    path("", include("cases.urls")),
]
