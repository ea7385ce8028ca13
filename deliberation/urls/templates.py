from django.urls import path

from deliberation.views import templates

app_name = "templates"

urlpatterns = [
    path("", templates.show_all, name="list"),
    path("check/", templates.check, name="check"),
    path("load/", templates.load, name="load"),
    path("<slug:key>/<int:version>/", templates.show, name="show"),
    path("<slug:key>/<int:version>/file/", templates.download, name="download"),
]
