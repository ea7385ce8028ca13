from django.urls import path

from deliberation.views import screen

app_name = "screen"
urlpatterns = [
    path("", screen.show, name="show"),
]
