from django.urls import path

from deliberation.views import (
    calling,
    forgetting,
    moving,
    phone,
    points,
    proposals,
    questions,
    scribe,
    sign_off,
)

app_name = "phone"
urlpatterns = [
    path("", phone.stage, name="stage"),
    path("answer/<int:round_id>/", phone.answer, name="answer"),
    path("finished/<int:round_id>/", phone.finished, name="finished"),
    path("mine/<int:round_id>/", phone.mine, name="mine"),
    path("results/<int:round_id>/", phone.results, name="results"),
    path("points/", points.my_points, name="points"),
    path("points/<int:prompt_id>/", points.add_point, name="add_point"),
    path("points/<int:point_id>/withdraw/", points.withdraw, name="withdraw"),
    path("stance/", proposals.take_stance, name="take_stance"),
    path("questions/", questions.questions, name="questions"),
    path("questions/<int:question_id>/support/", questions.support, name="support"),
    path(
        "questions/<int:question_id>/withdraw/",
        questions.withdraw,
        name="withdraw_question",
    ),
    path("help/", calling.call, name="call_help"),
    path("help/withdraw/", calling.withdraw, name="withdraw_call"),
    path("table-answer/<int:round_id>/", scribe.table_answer, name="table_answer"),
    path("table/take/", scribe.take_role, name="take_role"),
    path("table-record/<slug:session>/", sign_off.table_record, name="table_record"),
    path("table/arrive/", moving.arrive, name="arrive"),
    path("table/choose/", moving.choose_table, name="choose_table"),
    path("forget/", forgetting.forget, name="forget"),
    path("table/hand-over/", scribe.hand_over, name="hand_over"),
]
