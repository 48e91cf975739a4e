#!/usr/bin/env python
"""The command line of the back office."""

import gc
import os
import sys


def main() -> None:
    # All that is loaded stays: to look for garbage in it takes a sixth of the start.
    # Once it is there, backoffice/apps.py switches this on again.
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    from backoffice.kit.troubles import recognise

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")
    except Error as error:
        if trouble := recognise(error):
            sys.exit(str(trouble))
        raise


if __name__ == "__main__":
    main()
