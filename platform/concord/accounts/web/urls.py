"""Pages of people: the way in, the people of a workspace, and one's own settings."""

from allauth.account import views as allauth_views
from django.conf import settings as project
from django.urls import URLPattern, URLResolver, path, re_path

from concord.accounts.web import home, invitations, people, settings, sign_in_links, tokens

# The sign-in pages of django-allauth that Concord uses, by the names that allauth looks up.
entrance: list[URLPattern | URLResolver] = [
    path(
        "account/login/",
        allauth_views.LoginView.as_view(extra_context={"open_signup": project.OPEN_SIGNUP}),
        name="account_login",
    ),
    path("account/logout/", allauth_views.logout, name="account_logout"),
    path("account/inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("account/signup/", allauth_views.signup, name="account_signup"),
    path(
        "account/confirm-email/",
        allauth_views.email_verification_sent,
        name="account_email_verification_sent",
    ),
    re_path(
        r"^account/confirm-email/(?P<key>[-:\w]+)/$",
        allauth_views.confirm_email,
        name="account_confirm_email",
    ),
    path("account/password/", allauth_views.password_change, name="account_change_password"),
    path("account/password/set/", allauth_views.password_set, name="account_set_password"),
    path("account/password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path(
        "account/password/reset/sent/", allauth_views.password_reset_done, name="account_reset_password_done"
    ),
    path(
        "account/password/reset/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    *entrance,
    path("invitation/<str:secret>/", invitations.invitation, name="invitation"),
    path("account/link/<str:secret>/", sign_in_links.sign_in_link, name="sign-in-link"),
    path("settings/", settings.account, name="settings"),
    path("settings/preferences/", settings.preferences, name="preferences"),
    path("settings/tokens/", tokens.Tokens.as_view(), name="settings-tokens"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("workspaces/new/", home.NewWorkspace.as_view(), name="workspace-new"),
    path("w/<slug:workspace>/", home.workspace_home, name="workspace"),
    path("w/<slug:workspace>/rename/", people.rename, name="workspace-rename"),
    path("w/<slug:workspace>/leave/", people.leave, name="workspace-leave"),
    path("w/<slug:workspace>/people/", people.People.as_view(), name="people"),
    path("w/<slug:workspace>/people/<int:pk>/role/", people.role, name="member-role"),
    path("w/<slug:workspace>/people/<int:pk>/remove/", people.remove, name="member-remove"),
    path(
        "w/<slug:workspace>/people/invitations/<int:pk>/revoke/",
        people.revoke_invitation,
        name="invitation-revoke",
    ),
]
