"""Names of places in the document: stable, unique, the same in every version.

A session's is its key (`framework`), a prompt's its path (`framework/principles`), an
item's that and its key. The words below are the document's own; where a session or a
prompt has one of them as its key, it ends in `~`, which no key does.
"""

INTRO, CLOSING, ATTENDEES, METHOD = "intro", "closing", "attendees", "method"
SUMMARY = "summary"
OF_THE_DOCUMENT = {INTRO, CLOSING, ATTENDEES, METHOD}


def of_session(session: str) -> str:
    return f"{session}~" if session in OF_THE_DOCUMENT else session


def of_summary(session: str) -> str:
    """Name where a session can be summed up in somebody's own words."""
    return f"{of_session(session)}/{SUMMARY}"


def of_prompt(path: str) -> str:
    """Name a prompt's place by its `session/prompt`."""
    session, prompt = path.split("/")
    return f"{of_session(session)}/{prompt}{'~' if prompt == SUMMARY else ''}"


def of_item(path: str, item: str) -> str:
    return f"{of_prompt(path)}/{item}"
