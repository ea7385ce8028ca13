"""Arithmetic on counted answers: integers and fractions in, plain figures out.

Nothing here knows Django, the database or how a figure is shown. Functions named
`..._measures`, `..._by_table` and `..._change` return the names of the results JSON,
rounded by `rounding.rounded`; all others return exact figures.
"""
