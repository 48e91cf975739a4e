"""The page where staff say what a store's words of status mean, old ones and new."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    QueryDict,
)
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.kit.admin import StaffRequest, page, row_url
from backoffice.kit.editing import ShownValues
from orders.admin.stores.replay import (
    describe_last,
    leave_replay,
    read_anew,
    rehearsal_page,
)
from orders.admin.word_links import words_url
from orders.importing import AlreadyRunning
from orders.importing.rereading import Settings
from orders.importing.status_words import (
    LONGEST_WORD,
    MOST_WORDS,
    UNKNOWN,
    Counted,
    are_words,
    count_unknown,
    fold_word,
    is_word,
    known_meanings,
    own_words,
)
from orders.models import STATUS_CHOICES
from orders.shipping import NotAllowed
from stores.models import Store

# Before a word in the name of its field.
MEANS = "means-"


class Row(NamedTuple):
    """A word, what waits because of it, what it means by itself, and its field."""

    word: str
    counted: Counted
    preset: str
    field: forms.BoundField


class WordsForm(ShownValues, forms.Form):
    """What each word means, and one more that is not in the table.

    A field that the page did not have leaves its word alone.
    """

    def __init__(self, store: Store, chosen: str = "", **options: Any) -> None:
        self.store, self.chosen = store, chosen
        self.preset, self.unknown = known_meanings(store), count_unknown(store)
        # Somebody may have taken back meanwhile what the page showed.
        posted = _named(options.get("data") or ())
        own = [*store.status_words]
        self.own = own + [
            word for word in posted if word not in {*own, *self.unknown, *self.preset}
        ]
        self.words = list(dict.fromkeys([*self.unknown, *self.own, *self.preset]))
        unseen = chosen if chosen not in self.words else ""
        initial = self.stored(store) | {"word": unseen}
        super().__init__(initial=initial, auto_id=False, **options)
        for word in self.words:
            self.fields[MEANS + word] = self._meaning(word)
        attrs = {"id": "word", "autocomplete": "off", "dir": "auto"}
        self.fields["word"] = forms.CharField(
            label=_("Another word"),
            required=False,
            max_length=LONGEST_WORD,
            help_text=_("As the marketplace writes it; case does not matter."),
            widget=UnfoldAdminTextInputWidget(attrs=attrs),
        )
        self.fields["meaning"] = self._meaning(unseen, {"id": "meaning"})
        self.bring_back()

    def _meaning(
        self, word: str, attrs: dict[str, str] | None = None
    ) -> forms.ChoiceField:
        blank = [("", _("Choose what it means"))] if attrs else []
        attrs = attrs or {"aria-label": word}
        if word and word == self.chosen:
            attrs |= {"autofocus": "autofocus"}
        return forms.ChoiceField(
            label=_("Means"),
            required=False,
            choices=[*blank, *STATUS_CHOICES],
            widget=UnfoldAdminSelectWidget(attrs=attrs),
        )

    def stored(self, row: Store) -> dict[str, Any]:
        """Return what the words mean by now, field by field."""
        known = row.words
        words = {*self.words, *known}
        return {MEANS + word: known.get(word, UNKNOWN).value for word in words}

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.refuse_newer(self.store)
        data = self.cleaned_data
        meant = dict(self.store.status_words)
        for word in _named(data):
            # Without an answer where the page did not have its field.
            meant[word] = data[MEANS + word] or meant.get(word, "")
        word, meaning = fold_word(data.get("word", "")), data.get("meaning")
        if word and not is_word(word):
            self.add_error("word", _("This is longer than a word of status may be."))
        elif word and not meaning:
            self.add_error("meaning", _("Choose what it means."))
        elif word and meaning:
            meant[word] = meaning
        elif meaning:
            self.add_error("word", _("Type the word that means this."))
        kept = {word: status for word, status in meant.items() if status}
        self.wanted = own_words(self.store, kept)
        if len(self.wanted) > MOST_WORDS:
            message = _("A store has at most %(most)d words of its own.")
            self.add_error(None, message % {"most": MOST_WORDS})
        return data

    @property
    def sections(self) -> Iterator[tuple[Promise, list[Row]]]:
        """Return the words by what is known of them, those nobody knows first."""
        others = [word for word in self.preset if word not in self.own]
        for title, words in (
            (_("Not known here"), [*self.unknown]),
            (_("Said by staff"), [*self.own]),
            (_("Known by itself"), others),
        ):
            if words:
                # The one that the page was opened for comes first.
                words.sort(key=lambda word: word != self.chosen)
                yield title, [self._row(word) for word in words]

    def _row(self, word: str) -> Row:
        preset = self.preset.get(word) if word in self.own else None
        shown = str(dict(STATUS_CHOICES)[preset]) if preset else ""
        counted = self.unknown.get(word, Counted())
        return Row(word, counted, shown, self[MEANS + word])


def _named(names: Iterable[str]) -> list[str]:
    """Return the words that fields are named after."""
    words = (name.removeprefix(MEANS) for name in names if name.startswith(MEANS))
    return [word for word in words if is_word(word)]


def words_page(
    request: StaffRequest, model_admin: admin.ModelAdmin, store: Store
) -> HttpResponse:
    """Show what words mean; look at what a change would do, and save it."""
    if request.POST.get("step") == "apply":
        return _apply(request, model_admin, store)
    chosen = fold_word(request.GET.get("word", ""))
    with transaction.atomic():
        form = WordsForm(
            store, chosen if is_word(chosen) else "", data=request.POST or None
        )
        is_valid = form.is_valid()
    if is_valid and form.wanted != store.status_words:
        wanted = replace(Settings.of(store), status_words=form.wanted)
        posted = [
            *_as_posted("seen-", store.status_words),
            *_as_posted("", form.wanted),
        ]
        more = {"posted": posted, "words_url": words_url(store)}
        return rehearsal_page(request, model_admin, store, wanted, **more)
    if is_valid:
        messages.info(request, _("No word means anything else than before."))
    waiting = sum(one.orders for one in form.unknown.values())
    return page(
        request,
        model_admin,
        "stores/words.html",
        _("Status words of %(store)s") % {"store": store},
        original=store,
        store=store,
        form=form,
        waiting=waiting,
        settings_url=row_url(store),
        **describe_last(store),
    )


def _apply(
    request: StaffRequest, model_admin: admin.ModelAdmin, store: Store
) -> HttpResponse:
    """Save the words that were looked at, and read the stored orders with them."""
    words, seen = _posted(request.POST), _posted(request.POST, "seen-")
    if not are_words(words) or not are_words(seen):
        return HttpResponseBadRequest()
    now = Settings.of(store)
    wanted = replace(now, status_words=own_words(store, words))
    back = words_url(store)
    if wanted == now:
        # The second of two clicks.
        messages.info(request, _("These words are saved already."))
        return HttpResponseRedirect(back)
    try:
        done = read_anew(store, wanted, replace(now, status_words=seen), request.user)
    except (NotAllowed, AlreadyRunning) as error:
        model_admin.message_user(request, str(error), messages.WARNING)
        return HttpResponseRedirect(back)
    return leave_replay(request, model_admin, store, done, back)


def _as_posted(prefix: str, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a form holds of words: each, and what it means."""
    for word, status in words.items():
        yield f"{prefix}word", word
        yield f"{prefix}means", status


def _posted(data: QueryDict, prefix: str = "") -> dict[str, str]:
    pairs = (data.getlist(f"{prefix}{name}") for name in ("word", "means"))
    return dict(zip(*pairs, strict=False))
