"""The French catalogue is complete and fits the code."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
import unfold
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

from stores.failures import in_words
from stores.marketplaces.base import MarketplaceUnavailable
from tests.support.programs import ROOT

CATALOGUE = ROOT / "backoffice" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
THEME = Path(unfold.__file__).parent / "templates"
# A text that is asked to be translated, in Python and in what makes it of a template.
ASKED = re.compile(r"""\b(?:_|gettext)\(u?(["'])(.+?)\1\)""")
# Of the theme's pages and boxes that stand nowhere here.
NOWHERE = {
    "Action",
    "Add row",
    "Forgotten your password or username?",
    "Loading more results...",
    "No recent searches",
    "No results matching your query",
    "Recent searches",
    "Search apps and models...",
    "This page yielded into no results. Create a new item or reset your filters.",
}
# What holds texts, and the data that their modules read.
KINDS = (".py", ".html", ".po", ".json")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]")


def french() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def keys(catalogue: polib.POFile) -> set[tuple[str | None, str, str]]:
    return {(one.msgctxt, one.msgid, one.msgid_plural) for one in catalogue}


def test_every_text_is_translated_and_none_is_a_guess():
    catalogue = french()

    assert len(catalogue) > 300
    assert not [entry.msgid for entry in catalogue.untranslated_entries()]
    assert not [entry.msgid for entry in catalogue.fuzzy_entries()]
    assert not [entry.msgid for entry in catalogue.obsolete_entries()]


def test_every_translation_has_the_facts_of_its_text():
    wrong = []
    for entry in french():
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        for text in texts:
            facts = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
            if set(PLACEHOLDER.findall(text)) != facts:
                wrong.append(entry.msgid)

    assert not wrong


def test_what_the_theme_writes_is_translated_too():
    templates = [templatize(one.read_text()) for one in THEME.rglob("*.html")]
    texts = {found[1] for text in templates for found in ASKED.findall(text)}

    with override("fr"):
        english = {text for text in texts if gettext(text) == text}

    assert "Filters" in texts
    assert english == NOWHERE


@pytest.mark.slow
def test_the_catalogue_holds_exactly_the_texts_of_the_code(tmp_path):
    if not shutil.which("xgettext"):
        if os.environ.get("REQUIRE_GETTEXT"):
            pytest.fail("xgettext is missing, and REQUIRE_GETTEXT is set.")
        pytest.skip("no xgettext on this machine")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        if name.endswith(KINDS) and not name.startswith("tests/"):
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    subprocess.run(
        [
            *(sys.executable, "manage.py", "makemessages", "--locale", "fr"),
            *("--no-location", "--no-obsolete"),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "backoffice.settings"},
    )

    fresh = polib.pofile(str(tmp_path / CATALOGUE.relative_to(ROOT)))

    assert keys(fresh) == keys(french())


def test_a_connectors_failure_is_said_in_the_readers_language():
    error = MarketplaceUnavailable(
        "%(marketplace)s did not answer (%(reason)s).",
        marketplace="Tophatter",
        reason="ReadTimeout",
    )

    with override("fr"):
        said = in_words(error)

    assert said == "Tophatter n’a pas répondu (ReadTimeout)."


def test_the_admin_speaks_the_language_of_its_reader(admin_client, db):
    text = admin_client.get("/", headers={"Accept-Language": "fr"}).content.decode()

    assert "Commandes" in text
    assert "Boutiques" in text
    assert "Connectez votre première boutique" in text
