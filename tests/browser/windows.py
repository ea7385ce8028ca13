"""Browser windows of separate people, and what went wrong in any of them."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

PHONE = (390, 844)
LAPTOP = (1440, 900)
WALL = (1920, 1080)
# Milliseconds, for machines that do other things as well: a page to which nothing is
# said for four seconds goes over to asking, and tries a stream again within ninety.
PATIENCE = 180_000

# What the policy refused becomes a line of the console, where it is noticed.
TELL_VIOLATIONS = """
  addEventListener("securitypolicyviolation", (event) => console.error(
    `securitypolicyviolation: ${event.violatedDirective} ${event.blockedURI}`));
"""
# A step that is answered late is no problem: a console gives it ten seconds.
BE_PATIENT = """
  addEventListener("load", () => window.htmx && (window.htmx.config.timeout = %d));
"""
# The boards that streams have brought, by name, once the page has taken each.
HEAR_BOARDS = """
  window.boardsHeard = [];
  const hear = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (kind, action) {
    hear.call(this, kind, (event) => {
      action(event);
      if (kind === "board") window.boardsHeard.push(JSON.parse(event.data).board);
    });
  };
"""
ALL_HEARD = """
  () => [...document.querySelectorAll("[data-board]")]
    .every((place) => window.boardsHeard.includes(place.dataset.board))
"""


class Windows:
    """Opens windows that share nothing, as on separate machines.

    `problems` collects, from all of them: errors on the console, exceptions, what
    the content security policy refused, answers that say the server failed.
    `refusals_are_meant` leaves out that a form was refused, `conflicts_are_meant` that
    something had changed meanwhile.
    """

    def __init__(self, browser: Browser, *, phone_scale: int = 1) -> None:
        self._browser = browser
        self._phone = {
            "is_mobile": True,
            "has_touch": True,
            "device_scale_factor": phone_scale,
        }
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []
        self.refusals_are_meant = False
        self.conflicts_are_meant = False

    def open(self, who: str, size: tuple[int, int] = LAPTOP, **options: Any) -> Page:
        """Open a window; `who` stands before its problems."""
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB",
            reduced_motion="reduce",
            **options,
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_VIOLATIONS)
        context.add_init_script(HEAR_BOARDS)
        context.add_init_script(BE_PATIENT % PATIENCE)

        def note(what: str) -> None:
            self.problems.append(f"{who}: {what}")

        def hear(line: ConsoleMessage) -> None:
            meant = self.refusals_are_meant and "status of 422" in line.text
            meant |= self.conflicts_are_meant and "status of 409" in line.text
            if line.type == "error" and not meant:
                note(f"{line.text} ({line.location.get('url', '')})")

        context.on("console", hear)
        context.on("weberror", lambda error: note(str(error.error)))
        context.on(
            "response",
            lambda answer: (
                answer.status >= 500 and note(f"{answer.status} {answer.url}")
            ),
        )
        return context.new_page()

    def open_phone(self, who: str) -> Page:
        return self.open(who, PHONE, **self._phone)

    def close(self) -> None:
        """Leave all pages, so that no stream is cut off by the server's end."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()
