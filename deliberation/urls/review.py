from django.urls import path

from deliberation.views import review

app_name = "review"
urlpatterns = [
    path("", review.review, name="page"),
]
