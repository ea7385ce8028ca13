from django.urls import path

from deliberation.views import changes

app_name = "changes"
urlpatterns = [
    path("", changes.changes, name="show"),
]
