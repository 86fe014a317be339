"""A guide: what a file may say, and how old its facts are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.guide import Allowed, Aspect, Completeness, Guide, MaterialForm, Source, Theme
from knowledge.guide_file import guide_to_mapping, parse_guide, read_guides
from knowledge.guide_set import check_set
from knowledge.library import load_shipped
from knowledge.problems import GuideErrors
from knowledge.yaml_text import load_yaml

Mapping = dict[str, Any]


def problems(mapping: object, *, shipped: bool = False) -> dict[str, str]:
    """Return field -> code of what is wrong."""
    with pytest.raises(GuideErrors) as caught:
        parse_guide(mapping, "residence-permit-first.yml", shipped=shipped)
    return {error.field: error.code for error in caught.value.errors}


def test_a_whole_guide_is_read(permit: Mapping) -> None:
    guide = parse_guide(permit, "residence-permit-first.yml", shipped=True)
    assert guide.theme is Theme.IDENTITY
    assert guide.materials[0].form is MaterialForm.COPY
    assert guide.materials[1].required
    assert guide.agent is not None
    assert guide.agent.allowed is Allowed.CONDITIONAL
    assert guide.completeness is Completeness.FULL


def test_a_guide_survives_being_written_and_read(permit: Mapping) -> None:
    guide = replace(parse_guide(permit, "x"), verified_on=date(2026, 1, 31), expires_on=date(2027, 1, 1))
    assert parse_guide(guide_to_mapping(guide), "x") == guide


def test_all_problems_are_told_at_once(permit: Mapping) -> None:
    permit["title"] = ""
    permit["materials"][1]["form"] = "paper"
    permit["popularity"] = 101
    permit["verified_on"] = "2026-02-30"
    assert problems(permit) == {
        "title": "missing",
        "materials[1].form": "not_one_of",
        "popularity": "not_a_number",
        "verified_on": "not_a_date",
    }


def test_a_problem_names_file_field_and_remedy(permit: Mapping) -> None:
    permit["materials"][1]["form"] = "paper"
    with pytest.raises(GuideErrors) as caught:
        parse_guide(permit, "a.yml")
    (error,) = caught.value.errors
    assert (error.file, error.field) == ("a.yml", "materials[1].form")
    assert "paper" in error.problem
    assert "original" in error.remedy
    assert "a.yml [materials[1].form]" in str(caught.value)
    assert "Use one of" in error.line("en")


def test_an_unknown_key_is_refused_with_the_nearest_known_one(permit: Mapping) -> None:
    permit["fees"] = permit.pop("fee")
    with pytest.raises(GuideErrors) as caught:
        parse_guide(permit, "a.yml")
    assert "“fee”" in caught.value.errors[0].remedy


def test_an_unknown_key_of_a_material_is_refused(permit: Mapping) -> None:
    permit["materials"][0]["copies"] = 2
    assert problems(permit) == {"materials[0].copies": "unknown_key"}


@pytest.mark.parametrize("content", [None, [], "居住证", 5, True])
def test_what_is_no_mapping_is_no_guide(content: object) -> None:
    assert problems(content) == {"": "not_a_mapping"}


@pytest.mark.parametrize(
    ("field", "value", "place", "code"),
    [
        ("fee", 20, "fee", "not_text"),
        ("fee", True, "fee", "not_text"),
        ("fee", "<b>免费</b>", "fee", "html"),
        ("fee", "免费<script", "fee", "html"),
        ("fee", "免费\x07", "fee", "control"),
        ("fee", "免\u202e费", "fee", "control"),
        ("fee", "免费\n首次", "fee", "line_break"),
        ("fee", "未知", "fee", "placeholder"),
        ("fee", "费" * 501, "fee", "too_long"),
        ("conditions", "满半年", "conditions", "not_a_list"),
        ("conditions", ["满半年", ""], "conditions[1]", "blank_item"),
        ("conditions", ["满半年", {"a": 1}], "conditions[1]", "not_text"),
        ("conditions", ["条"] * 61, "conditions", "too_many"),
        ("life_events", list("甲乙丙丁戊"), "life_events", "too_many"),
        ("phrasings", ["居住证怎么办", "居住证怎么办？"], "phrasings[1]", "repeated"),
        ("popularity", -1, "popularity", "not_a_number"),
        ("popularity", True, "popularity", "not_a_number"),
        ("popularity", "95", "popularity", "not_a_number"),
        ("theme", "证件", "theme", "not_one_of"),
        ("theme", None, "theme", "missing"),
        ("theme", ["户籍证件"], "theme", "not_one_of"),
        ("materials", [{"name": "证", "required": "yes"}], "materials[0].required", "not_a_flag"),
        ("materials", [{"name": "证", "count": 0}], "materials[0].count", "not_a_number"),
        ("materials", ["身份证"], "materials[0]", "not_a_mapping"),
        ("agent", {"allowed": True}, "agent.allowed", "bool_trap"),
        ("agent", {"text": "可以"}, "agent.allowed", "missing"),
        ("time_limit", "15天", "time_limit", "not_a_mapping"),
        ("phones", [{"number": 12345}], "phones[0].number", "not_text"),
        ("phones", [{"number": "12345;12333"}], "phones[0].number", "bad_phone"),
        ("id", "Residence_Permit", "id", "bad_slug"),
        ("id", "../etc", "id", "bad_slug"),
        ("review_by", "2026-2-3", "review_by", "not_a_date"),
        ("review_by", 20260203, "review_by", "not_a_date"),
        ("status", "renamed", "status_note", "status_note_missing"),
        ("neighbours", [{"title": "上海市居住证申领(首次)"}], "neighbours[0].title", "own_neighbour"),
        ("neighbours", [{"title": ""}], "neighbours[0].title", "missing"),
    ],
)
def test_a_wrong_value_is_named(permit: Mapping, field: str, value: object, place: str, code: str) -> None:
    permit[field] = value
    assert problems(permit)[place] == code


@pytest.mark.parametrize("day", ["2022", "2022-03", "2022-03-08", 2022, date(2022, 3, 8), None])
def test_a_source_may_be_dated_by_year_month_or_day(permit: Mapping, day: object) -> None:
    permit["sources"][0]["date"] = day
    assert parse_guide(permit, "x").sources[0].date == (None if day is None else str(day))


@pytest.mark.parametrize("day", ["约2020", "2022-13", "2022-02-30", "22", 202203, 2022.3, True, [2022]])
def test_other_words_for_a_date_belong_in_the_note(permit: Mapping, day: object) -> None:
    permit["sources"][0]["date"] = day
    assert problems(permit) == {"sources[0].date": "not_a_source_date"}


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://a.cn", "https://", "www.a.cn", "https://a.cn/ b", "https://me@a.cn/"],
)
def test_a_link_that_is_no_web_address_is_refused(permit: Mapping, url: str) -> None:
    permit["sources"][0]["url"] = url
    assert set(problems(permit)) == {"sources[0].url"}


def test_a_fact_without_a_source_is_refused(permit: Mapping) -> None:
    permit["sources"][0]["fields"].remove("fee")
    assert problems(permit) == {"fee": "no_source"}


def test_a_blank_fact_needs_no_source(permit: Mapping) -> None:
    permit["sources"][0]["fields"].remove("fee")
    permit["fee"] = None
    assert parse_guide(permit, "x").fee is None


def test_general_knowledge_is_no_source(permit: Mapping) -> None:
    permit["sources"][0]["title"] = "general knowledge"
    assert problems(permit) == {"sources[0].title": "not_a_source"}


def test_a_source_bears_fields_of_ours_only(permit: Mapping) -> None:
    permit["sources"][0]["fields"].append("eligibility")
    assert problems(permit) == {"sources[0].fields[7]": "not_one_of"}


def test_a_full_guide_says_what_is_needed_and_how_it_goes(permit: Mapping) -> None:
    permit.update(conditions=[], materials=[], steps=[], where=[])
    with pytest.raises(GuideErrors) as caught:
        parse_guide(permit, "x")
    assert [error.code for error in caught.value.errors] == ["full_lacks_what", "full_lacks_how"]
    permit["completeness"] = "partial"
    assert parse_guide(permit, "x").completeness is Completeness.PARTIAL


def test_a_guide_does_not_expire_before_it_begins(permit: Mapping) -> None:
    permit.update(effective_on="2026-02-01", expires_on="2026-01-31")
    assert problems(permit) == {"expires_on": "dates_reversed"}


def test_a_shipped_guide_is_named_after_its_file_and_has_six_phrasings(permit: Mapping) -> None:
    permit["id"] = "residence-permit"
    permit["phrasings"].pop()
    assert problems(permit, shipped=True) == {"id": "slug_not_file_name", "phrasings": "few_phrasings"}
    assert parse_guide(permit, "any-name.xlsx").id == "residence-permit"


# --- YAML


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fee: 一\nfee: 二\n", "repeated_key"),
        ("fee: [\n", "bad_yaml"),
        ("fee: 办理: 免费\n", "bad_yaml"),
        ("a: &x [1]\nb: *x\n", "yaml_alias"),
        ("[" * 100_000, "too_deep"),
        ("!!python/object/apply:os.system ['true']", "bad_yaml"),
        ("fee: \x00", "bad_yaml"),
    ],
)
def test_yaml_that_loses_or_hides_something_is_refused(text: str, code: str) -> None:
    with pytest.raises(GuideErrors) as caught:
        load_yaml(text, "a.yml")
    assert [error.code for error in caught.value.errors] == [code]
    assert caught.value.errors[0].remedy


def test_days_in_yaml_stay_text_even_impossible_ones() -> None:
    assert load_yaml("a: 2022-02-30\nb: 2022-03-08", "a.yml") == {"a": "2022-02-30", "b": "2022-03-08"}


def test_the_problems_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("id: [", "utf-8")
    (tmp_path / "b.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(GuideErrors) as caught:
        read_guides([tmp_path / "a.yml", tmp_path / "b.yml", tmp_path / "c.yml"])
    told = [(error.file, error.code) for error in caught.value.errors]
    assert told == [("a.yml", "bad_yaml"), ("b.yml", "not_utf8"), ("c.yml", "unreadable")]


# --- guides side by side


def test_guides_that_share_nothing_are_accepted(
    permit: Mapping, other_guide: Callable[[str], Mapping]
) -> None:
    check_set([parse_guide(permit, "x"), parse_guide(other_guide("other"), "x")])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "上海市居住证申领（首次）"),
        ("plain_name", "办居住证(第一次办)"),
        ("aliases", ["居住证"]),
        ("phrasings", ["居住证怎么办？"]),
        ("phrasings", ["居住证"]),
        ("aliases", ["居住证怎么办"]),
    ],
)
def test_one_wording_leads_to_one_guide_only(
    permit: Mapping, other_guide: Callable[[str], Mapping], field: str, value: object
) -> None:
    other = parse_guide({**other_guide("other"), field: value}, "x")
    with pytest.raises(GuideErrors) as caught:
        check_set([parse_guide(permit, "x"), other])
    (error,) = caught.value.errors
    assert error.file == "other.yml"
    assert error.field.startswith(field)
    assert "residence-permit-first" in error.problem


def test_an_id_is_used_once(permit: Mapping) -> None:
    guide = parse_guide(permit, "x")
    with pytest.raises(GuideErrors) as caught:
        check_set([guide, guide])
    assert [error.code for error in caught.value.errors] == ["id_taken"]


# --- how old it is


@pytest.fixture
def guide(permit: Mapping) -> Guide:
    return parse_guide(permit, "x")


def test_a_guide_holds_through_its_last_day(guide: Guide) -> None:
    guide = replace(guide, effective_on=date(2026, 1, 1), expires_on=date(2026, 12, 31))
    assert not guide.is_effective(date(2025, 12, 31))
    assert guide.is_effective(date(2026, 1, 1))
    assert not guide.is_expired(date(2026, 12, 31))
    assert guide.is_expired(date(2027, 1, 1))


def test_a_guide_without_dates_holds_and_is_not_due(guide: Guide) -> None:
    today = date(2026, 1, 1)
    assert guide.is_effective(today)
    assert not guide.is_expired(today)
    assert not guide.review_due(today)
    assert replace(guide, review_by=today).review_due(today)


def test_the_date_of_an_aspect_is_that_of_the_newest_source_that_bears_it(guide: Guide) -> None:
    assert guide.source_date_for(Aspect.MATERIALS) == "2022-03-08"
    assert guide.source_date_for(Aspect.BASIS) == "2018"
    assert guide.source_date_for() == "2022-03-08"


def test_an_aspect_that_no_source_bears_takes_the_newest_date_of_all(guide: Guide) -> None:
    assert guide.source_date_for(Aspect.HOURS) == "2022-03-08"


def test_a_guide_without_dated_sources_has_no_date(guide: Guide) -> None:
    assert replace(guide, sources=(Source("某页", fields=("fee",)),)).source_date_for(Aspect.FEE) is None


@pytest.mark.parametrize(
    ("dates", "newest"),
    [
        (("2022", "2022-03-08"), "2022-03-08"),
        (("2022-12", "2023"), "2023"),
        (("2021-12-31", "2022"), "2022"),
        ((None, "2018"), "2018"),
    ],
)
def test_a_partial_date_counts_from_its_beginning(
    guide: Guide, dates: tuple[str | None, ...], newest: str
) -> None:
    sources = tuple(Source("某页", date=day, fields=("fee",)) for day in dates)
    assert replace(guide, sources=sources).source_date_for(Aspect.FEE) == newest


def test_a_guide_knows_an_aspect_when_a_field_of_it_is_filled(guide: Guide) -> None:
    assert guide.knows(Aspect.FEE)
    assert replace(guide, fee=None).knows(Aspect.FEE)
    assert not replace(guide, fee=None, amounts=()).knows(Aspect.FEE)
    assert not guide.knows(Aspect.HOURS)


def test_english_needs_a_title(permit: Mapping) -> None:
    permit["english"] = {"phrasings": ["how do I get it"]}
    with pytest.raises(GuideErrors) as caught:
        parse_guide(permit, "x")
    assert [(error.field, error.code) for error in caught.value.errors] == [("english.title", "missing")]


def test_readers_of_english_see_the_english_title_where_there_is_one(permit: Mapping) -> None:
    guide = parse_guide(permit, "x")
    assert guide.title_in("en") == "Shanghai Residence Permit: First Application"
    assert guide.title_in("zh") == guide.title
    del permit["english"]
    assert parse_guide(permit, "x").title_in("en") == guide.title


def test_an_english_phrasing_leads_to_one_guide_only(
    permit: dict[str, Any], other_guide: Callable[[str], dict[str, Any]]
) -> None:
    other = other_guide("other")
    other["english"] = {"title": "Other", "phrasings": ["How do I get a residence permit?"]}
    with pytest.raises(GuideErrors) as caught:
        check_set([parse_guide(permit, "x"), parse_guide(other, "y")])
    assert [error.field for error in caught.value.errors] == ["english.phrasings[0]"]


def test_every_shipped_guide_can_be_shown_and_asked_for_in_english() -> None:
    for guide in load_shipped():
        assert guide.english is not None, guide.id
        assert guide.english.title.isascii()
        assert len(guide.english.phrasings) >= 2, guide.id
