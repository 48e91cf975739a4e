"""The web server's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from backoffice.kit.private_files import close_own_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
application = get_wsgi_application()
close_own_database()
# Else Python now and then looks through the 150,000 objects loaded until here in the
# midst of a page, which takes 60 to 180 ms, and all of them stay anyway.
gc.freeze()
