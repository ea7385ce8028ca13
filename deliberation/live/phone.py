"""What the phone shows now."""


def stage_html(workshop_id: int) -> str:
    return ""


def table_html(workshop_id: int, number: int) -> str:
    return ""
