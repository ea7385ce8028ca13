from django.urls import path

from deliberation.views import speaker

app_name = "speaker"
urlpatterns = [
    path("", speaker.show, name="show"),
    path("challenge/", speaker.challenges, name="challenges"),
    path("challenge/<int:round_id>/<int:item_id>/", speaker.write, name="challenge"),
]
