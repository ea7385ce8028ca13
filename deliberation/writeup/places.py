"""Names of places in the document: stable, unique, the same in every version.

A session's is its key (`framework`), a prompt's its path (`framework/principles`), an
item's that and its key. The words below are the document's own; where a session or a
prompt has one of them as its key, it ends in `~`, which no key does. A word that came
later ends in `~` itself: what was written at a prompt of that key stays there.
"""

INTRO, CLOSING, ATTENDEES, METHOD = "intro", "closing", "attendees", "method"
BRIEF, SUMMARY, SIGNED, CONCLUSION = "brief", "summary", "signed", "conclusion"
QUESTIONS = "questions~"
OF_THE_DOCUMENT = {INTRO, CLOSING, ATTENDEES, METHOD}
OF_A_SESSION = {BRIEF, SUMMARY, SIGNED, CONCLUSION}


def of_session(session: str) -> str:
    return f"{session}~" if session in OF_THE_DOCUMENT else session


def within_session(session: str, word: str) -> str:
    """Name a session's own place, such as where it is summed up."""
    return f"{of_session(session)}/{word}"


def of_prompt(path: str) -> str:
    """Name a prompt's place by its `session/prompt`."""
    session, prompt = path.split("/")
    return f"{of_session(session)}/{prompt}{'~' if prompt in OF_A_SESSION else ''}"


def of_item(path: str, item: str) -> str:
    return f"{of_prompt(path)}/{item}"
