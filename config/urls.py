from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("workshops.urls.join")),  # coming in
    path("w/<slug:slug>/", include("deliberation.urls.phone")),  # on a phone
    path("screen/<str:secret>/", include("deliberation.urls.screen")),  # on the wall
    path("speaker/<str:secret>/", include("deliberation.urls.speaker")),  # own phone
    path("review/<str:secret>/", include("deliberation.urls.review")),  # of a draft
    path("write-up/<slug:slug>/", include("deliberation.urls.reader")),  # published
    path("console/", include("deliberation.urls.console")),  # for facilitators
    path("console/<slug:slug>/setup/", include("deliberation.urls.setup")),
    path("templates/", include("deliberation.urls.templates")),  # session templates
    path(
        "write-up/<slug:slug>/<int:number>/changes/",  # since the version before
        include("deliberation.urls.changes"),
    ),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]

handler400 = "config.errors.bad_request"  # 413 for a form that is too large
handler500 = "config.errors.server_error"  # 503 while the database is away
