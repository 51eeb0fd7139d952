"""The service layer: everything that a person or a program can do with runs.

Every door (the terminal today) calls it and has no logic of its own. It prints nothing, knows no
exit code and no HTTP status, and says in ``service/errors.py`` what went wrong.
"""
