from django.db import migrations, models


def make_remarks(apps, schema_editor):
    """Make a remark of each session's conclusion, by its speaker if it had one only."""
    sessions = apps.get_model("workshops", "Session").objects.exclude(conclusion="")
    remarks = apps.get_model("deliberation", "Remark").objects
    for session in sessions.prefetch_related("speakers"):
        speakers = list(session.speakers.all())
        speaker = speakers[0] if len(speakers) == 1 else None
        remarks.create(
            workshop_id=session.workshop_id,
            session=session,
            kind="conclusion",
            name=speaker.name if speaker else "",
            organisation=speaker.organisation if speaker else "",
            text=session.conclusion,
        )


def write_conclusions(apps, schema_editor):
    """Put what speakers concluded back into their sessions, one after the other."""
    remarks = apps.get_model("deliberation", "Remark").objects
    for remark in remarks.filter(kind="conclusion").order_by("position", "pk"):
        session = remark.session
        session.conclusion = f"{session.conclusion}\n\n{remark.text}".strip()
        session.save(update_fields=["conclusion"])
    remarks.filter(kind="conclusion").delete()


class Migration(migrations.Migration):

    dependencies = [
        ("deliberation", "0008_rules_announced"),
        ("workshops", "0005_guests_and_parents"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="desk",
            field=models.CharField(
                choices=[
                    ("console", "Console"),
                    ("themes", "Themes"),
                    ("write-up", "Write-up"),
                ],
                db_default="console",
                default="console",
                max_length=8,
            ),
        ),
        migrations.RunPython(make_remarks, write_conclusions),
    ]
