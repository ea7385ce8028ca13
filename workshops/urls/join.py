from django.urls import path

from workshops.views import join, seat

app_name = "join"
urlpatterns = [
    path("", join.home, name="home"),
    path("j/", join.code, name="code"),  # POST; the QR code leads to /j/#secret
    path("j/qr/", join.qr, name="qr"),
    path("j/<str:code>/", join.typed_link, name="typed_link"),
    path("w/<slug:slug>/join/", join.details, name="details"),
    path("w/<slug:slug>/seat/", seat.seat, name="seat"),
    path("w/<slug:slug>/seat/listed/", seat.listed, name="listed"),
    path("w/<slug:slug>/leave/", seat.leave, name="leave"),
    path("w/<slug:slug>/continue/", seat.another_device, name="another_device"),
    path(
        "w/<slug:slug>/continue/<str:token>/",
        seat.continue_here,
        name="continue_here",
    ),
]
