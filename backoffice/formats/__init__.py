"""Django's formats, in which every time is followed by the name of its zone.

Times to type in are not touched.
"""
