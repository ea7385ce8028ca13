"""The signs of answers as plain shapes, 24 by 24: those of `templates/icons.html`."""

SYMBOLS = {
    "i-unproblematic": (
        '<path d="M4 12.5l5.5 5.5L20 6.5" fill="none" stroke="currentColor" '
        'stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "i-difficult": (
        '<path d="M6.5 14.5V21M17.5 14.5V21" fill="none" stroke="currentColor" '
        'stroke-width="2.60" stroke-linecap="round"/><path fill-rule="evenodd" '
        'd="M3.5 3.5h17A1.8 1.8 0 0 1 22.3 5.3v8a1.8 1.8 0 0 1-1.8 1.8h-17a1.8 '
        "1.8 0 0 1-1.8-1.8v-8A1.8 1.8 0 0 1 3.5 3.5zM7.6 5.8H4v5.4zM12.7 "
        '5.8l-4.4 7h3.6l4.4-7zM20 7.4l-3.4 5.4H20z" fill="currentColor"/>'
    ),
    "i-inconsistent": (
        '<path d="M4 9h16M4 15.5h16M16.5 3.5l-9 17.5" fill="none" '
        'stroke="currentColor" stroke-width="3" stroke-linecap="round"/>'
    ),
    "i-circle": ('<circle cx="12" cy="12" r="8" fill="currentColor"/>'),
    "i-square": (
        '<rect x="4.5" y="4.5" width="15" height="15" rx="1.5" fill="currentColor"/>'
    ),
    "i-triangle": (
        '<path d="M12 3.5L21.5 20h-19z" fill="currentColor" '
        'stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/>'
    ),
    "i-diamond": (
        '<path d="M12 2l9 10-9 10-9-10z" fill="none" stroke="currentColor" '
        'stroke-width="3" stroke-linejoin="round"/>'
    ),
    "i-hexagon": (
        '<path d="M7.2 3.8h9.6L21.5 12l-4.7 8.2H7.2L2.5 12z" fill="none" '
        'stroke="currentColor" stroke-width="3" stroke-linejoin="round"/>'
    ),
    "i-star": (
        '<path d="M12 2l3 6.6 7.2.7-5.4 4.8 1.6 7.1L12 17.5l-6.4 3.7 1.6-7.1L1.8 '
        '9.3 9 8.6z" fill="currentColor"/>'
    ),
    "i-scale-1": (
        '<path d="M5 5l7 6.5L19 5M5 12.5l7 6.5 7-6.5" fill="none" '
        'stroke="currentColor" stroke-width="3" stroke-linecap="round" '
        'stroke-linejoin="round"/>'
    ),
    "i-scale-2": (
        '<path d="M5 9l7 6.5L19 9" fill="none" stroke="currentColor" '
        'stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "i-scale-3": (
        '<path d="M5 12h14" fill="none" stroke="currentColor" stroke-width="3.2" '
        'stroke-linecap="round"/>'
    ),
    "i-scale-4": (
        '<path d="M5 15.5L12 9l7 6.5" fill="none" stroke="currentColor" '
        'stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "i-scale-5": (
        '<path d="M5 11.5L12 5l7 6.5M5 19l7-6.5 7 6.5" fill="none" '
        'stroke="currentColor" stroke-width="3" stroke-linecap="round" '
        'stroke-linejoin="round"/>'
    ),
    "i-abstained": (
        '<circle cx="6" cy="12" r="2" fill="currentColor"/><circle cx="12" '
        'cy="12" r="2" fill="currentColor"/><circle cx="18" cy="12" r="2" '
        'fill="currentColor"/>'
    ),
    "i-not-discussed": (
        '<path d="M4 20L20 4" fill="none" stroke="currentColor" '
        'stroke-width="2.6" stroke-linecap="round"/>'
    ),
    "i-tie": (
        '<path d="M5 9h14M5 15h14" fill="none" stroke="currentColor" '
        'stroke-width="3" stroke-linecap="round"/>'
    ),
    "i-minus": (
        '<path d="M5 12h14" stroke="currentColor" stroke-width="2.6" '
        'stroke-linecap="round"/>'
    ),
    "i-up": (
        '<path d="M12 20V5M5.5 11.5L12 5l6.5 6.5" fill="none" '
        'stroke="currentColor" stroke-width="2.5" stroke-linecap="round" '
        'stroke-linejoin="round"/>'
    ),
    "i-down": (
        '<path d="M12 4v15M5.5 12.5L12 19l6.5-6.5" fill="none" '
        'stroke="currentColor" stroke-width="2.5" stroke-linecap="round" '
        'stroke-linejoin="round"/>'
    ),
    "i-eye-off": (
        '<path d="M6 7.2C3.4 9 2 12 2 12s3.6 6.5 10 6.5c2 0 3.7-.6 5.1-1.4M10 '
        '5.7c.6-.1 1.3-.2 2-.2 6.4 0 10 6.5 10 6.5s-.7 1.4-2.2 3M4 3l16.5 18" '
        'fill="none" stroke="currentColor" stroke-width="2.2" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "i-check": (
        '<path d="M4.5 12.5l5 5L19.5 7" fill="none" stroke="currentColor" '
        'stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
}
