app_name = "screen"
urlpatterns: list = []
