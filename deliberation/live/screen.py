"""What the screen shows now."""


def screen_html(workshop_id: int) -> str:
    return ""
