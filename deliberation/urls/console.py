from django.urls import path

from deliberation.views import (
    console,
    console_again,
    console_attendees,
    console_explore,
    console_people,
    console_points,
    console_publishing,
    console_remarks,
    console_results,
    console_series,
    console_themes,
    console_writeup,
    setup,
)

app_name = "console"
urlpatterns = [
    path("", console.workshops, name="list"),
    path("new/", setup.new, name="new"),
    path("series/<slug:key>/", console_series.compare, name="series"),
    path("series/<slug:key>/series.json", console_series.data, name="series_data"),
    path("series/<slug:key>/series.csv", console_series.table, name="series_table"),
    path("<slug:slug>/", console.run, name="run"),
    path("<slug:slug>/do/", console.do, name="do"),
    path("<slug:slug>/end/", console.end, name="end"),
    path("<slug:slug>/again/<int:pk>/", console_again.again, name="again"),
    path("<slug:slug>/points/", console_points.points, name="points"),
    path("<slug:slug>/themes/", console_themes.themes, name="themes"),
    path("<slug:slug>/themes/do/", console_themes.do, name="theme_step"),
    path("<slug:slug>/themes/<int:pk>/", console_themes.theme, name="theme"),
    path("<slug:slug>/remarks/", console_remarks.remarks, name="remarks"),
    path("<slug:slug>/remarks/new/", console_remarks.add, name="add_remark"),
    path("<slug:slug>/remarks/<int:pk>/", console_remarks.edit, name="remark"),
    path(
        "<slug:slug>/remarks/<int:pk>/move/", console_remarks.move, name="move_remark"
    ),
    path(
        "<slug:slug>/remarks/<int:pk>/delete/",
        console_remarks.delete,
        name="delete_remark",
    ),
    path("<slug:slug>/people/", console_people.people, name="people"),
    path("<slug:slug>/people/merge/", console_people.merge, name="merge"),
    path("<slug:slug>/attendees/", console_attendees.attendees, name="attendees"),
    path("<slug:slug>/join-sheet/", console_people.join_sheet, name="join_sheet"),
    path("<slug:slug>/results/", console_results.results, name="results"),
    path("<slug:slug>/results/names/", console_results.names, name="names"),
    path(
        "<slug:slug>/results/<slug:session>/<slug:prompt>/",
        console_explore.explore,
        name="explore",
    ),
    path(
        "<slug:slug>/results/<slug:session>/<slug:prompt>/tables/",
        console_explore.compare_tables,
        name="compare_tables",
    ),
    path(
        "<slug:slug>/results/<slug:session>/<slug:prompt>/picture.<str:kind>",
        console_explore.picture,
        name="picture",
    ),
    path("<slug:slug>/results.json", console_results.data, name="data"),
    path("<slug:slug>/results.xlsx", console_results.book, name="book"),
    path("<slug:slug>/answers.csv", console_results.answers, name="answers_file"),
    path("<slug:slug>/write-up/", console_writeup.write_up, name="write_up"),
    path("<slug:slug>/write-up/missing/", console_writeup.missing, name="missing"),
    path(
        "<slug:slug>/write-up/review/",
        console_publishing.review,
        name="write_up_review",
    ),
    path("<slug:slug>/write-up/publish/", console_publishing.publish, name="publish"),
    path("<slug:slug>/points.csv", console_results.points, name="points_file"),
    path("<slug:slug>/themes.csv", console_results.crosswalk, name="themes_file"),
]
