from django.urls import path

from deliberation.views import rehearsals, setup, setup_prompts, setup_speaker

app_name = "setup"

urlpatterns = [
    path("", setup.overview, name="overview"),
    path("sessions/", setup.add_session, name="add_session"),
    path("sessions/<int:pk>/", setup.edit_session, name="session"),
    path("sessions/<int:pk>/move/", setup.move_session, name="move_session"),
    path("sessions/<int:pk>/delete/", setup.delete_session, name="delete_session"),
    path("sessions/<int:pk>/speaker/", setup_speaker.speaker, name="speaker"),
    path("sessions/<int:pk>/prompts/", setup_prompts.add_prompt, name="add_prompt"),
    path("prompts/<int:pk>/", setup_prompts.edit_prompt, name="prompt"),
    path("prompts/<int:pk>/move/", setup_prompts.move_prompt, name="move_prompt"),
    path("prompts/<int:pk>/delete/", setup_prompts.delete_prompt, name="delete_prompt"),
    path("challenge/", setup_prompts.challenge, name="challenge"),
    path("members/", setup.add_member, name="add_member"),
    path("members/<int:pk>/remove/", setup.remove_member, name="remove_member"),
    path("duplicate/", setup.duplicate, name="duplicate"),
    path("template/", setup.save_as_template, name="save_as_template"),
    path("delete/", setup.delete_workshop, name="delete_workshop"),
    path("rehearsal/", rehearsals.ask, name="rehearse"),
    path("rehearsal/<int:pk>/", rehearsals.show, name="rehearsal"),
    path("rehearsal/<int:pk>/stop/", rehearsals.stop, name="stop_rehearsal"),
    path("rehearsal/<int:pk>/remove/", rehearsals.remove_copy, name="remove_copy"),
]
