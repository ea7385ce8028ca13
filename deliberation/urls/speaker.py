from django.urls import path

from deliberation.views import speaker

app_name = "speaker"
urlpatterns = [
    path("", speaker.show, name="show"),
]
