"""A page for each audience of `tests.live.rooms`, with what base.html brings."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

PAGE = Template("""{% load django_htmx static %}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ audience }}</title>
<meta name="htmx-config" content='{"includeIndicatorStyles":false,"allowEval":false}'>
<link rel="icon" href="data:,">
{% if htmx %}{% htmx_script %}{% endif %}
<script defer src="{% static 'js/live.js' %}"></script></head>
<body data-live="/live/{{ audience }}/12/"
  {% if audience == "phone" %}data-live-pause="hidden"{% endif %}
  {% if audience == "screen" %}data-live-quiet{% endif %}>
<p id="banner" role="status" hidden data-reconnecting="Reconnecting"
  data-offline="You are offline" data-trouble="Trouble" data-gone="Load again"></p>
<span id="dot" hidden></span>
<main><div data-board="{{ audience }}:12" {% if match %}data-match{% endif %}></div>
{% if audience == "desk" %}<div data-board="phone:12"></div>{% endif %}
<input id="outside"></main></body></html>
""")


def page(request: HttpRequest, audience: str) -> HttpResponse:
    context = Context(
        {
            "audience": audience,
            "htmx": "plain" not in request.GET,
            "match": "match" in request.GET,
            "request": request,
        }
    )
    return HttpResponse(PAGE.render(context))


urlpatterns = [path("<slug:audience>/", page)]
