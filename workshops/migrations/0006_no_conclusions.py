from django.db import migrations


class Migration(migrations.Migration):
    # The other app makes remarks of the conclusions before the column goes.

    dependencies = [
        ("workshops", "0005_guests_and_parents"),
        ("deliberation", "0009_desks_and_conclusions"),
    ]

    operations = [migrations.RemoveField(model_name="session", name="conclusion")]
