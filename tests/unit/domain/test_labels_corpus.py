"""Every label form of the corpus gives its number and a rule with words; every wrong barcode its hint."""

from __future__ import annotations

import json

import pytest

from loopdesk.domain.labels.classify import classify
from loopdesk.presenters.words import scan_words
from tests.corpus import make_labels

CORPUS = json.loads(make_labels.PLACE.read_text(encoding="utf-8"))


def test_the_file_is_what_its_generator_makes() -> None:
    assert make_labels.PLACE.read_text(encoding="utf-8") == make_labels.text()


def test_the_corpus_holds_several_hundred_forms_each_once() -> None:
    scans = [(entry["scan"], entry["find"], entry["kind"]) for entry in CORPUS["labels"]]
    assert len(set(scans)) == len(scans) >= 300


@pytest.mark.parametrize("entry", CORPUS["labels"], ids=lambda entry: entry["form"])
def test_a_label_gives_its_number_and_says_by_which_rule(entry: dict[str, str]) -> None:
    found = [
        scan_words.rule(candidate.rule)
        for candidate in classify(entry["scan"]).candidates
        if (candidate.code, candidate.kind) == (entry["find"], entry["kind"])
    ]
    assert len(found) == 1, classify(entry["scan"])
    assert entry["rule"].lower() in found[0].lower()


@pytest.mark.parametrize("entry", CORPUS["wrong"], ids=lambda entry: entry["hint"])
def test_a_wrong_barcode_gives_its_own_hint(entry: dict[str, str]) -> None:
    meaning = classify(entry["scan"])
    hint = scan_words.hint(meaning.hint)
    assert entry["hint"] in hint
    if "keyboard" not in hint:  # what a keyboard garbled is looked up first
        assert all(x.is_local for x in meaning.candidates), meaning
