from django.urls import path

from deliberation.views import reader

app_name = "reader"
urlpatterns = [
    path("", reader.newest, name="newest"),
    path("<int:number>/", reader.version, name="version"),
    path("<int:number>/records/<int:record>/", reader.record, name="record"),
    path("<int:number>/<str:name>", reader.file, name="file"),
]
