"""Foreign records become guides by a mapping file; nothing is made up, and what cannot be taken is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.exchange import read_records
from knowledge.guide import FACT_FIELDS, Completeness, Theme
from knowledge.guide_set import check_set
from knowledge.problems import GuideErrors
from knowledge.record_mapping import MAPPINGS, map_records, mapping_names, read_mapping

GUANGDONG = Path(__file__).parents[3] / "shared" / "bench" / "guangdong" / "policy.json"

RECORD: dict[str, Any] = {
    "TASK_CODE": "1144000000694U2440102",
    "TASK_NAME": "船舶登记",
    "TASK_TYPE_TEXT": "行政许可",
    "DEPT_NAME": "海事局",
    "AREA_CODE_TEXT": "广东省",
    "matter_short": "无",
    "matter_daily": "船本本,登记船",
    "handle_location": "办理地点：广州市某路1号",
    "handle_time": "30(工作日)",
    "handle_time_limit": "7(自然日)",
    "accept_standard": "船舶为本省所有。应当符合下列条件：",
    "consult_phone": "电话：020-12345678；020-12345",
    "complain_phone": "无",
    "bear_paltform": "无",
    "URL": "not an address",
    "theme_category": ["其他", "生小孩"],
    "service_object_name": ["自然人", "企业法人"],
    "material_intro": ["申请表", "身份证"],
}


def mapped(*changes: dict[str, Any]) -> Any:
    records = [
        {**RECORD, "TASK_CODE": f"{RECORD['TASK_CODE']}{n}", **change} for n, change in enumerate(changes)
    ]
    return map_records(records, read_mapping("guangdong"), "policy.json")


def test_a_record_becomes_a_guide_and_its_only_source_bears_every_fact() -> None:
    (guide,) = mapped({}).guides
    assert guide.id == "gd-1144000000694u24401020"
    assert (guide.title, guide.plain_name, guide.department) == ("船舶登记", "船舶登记", "海事局")
    assert guide.aliases == ("船本本", "登记船")
    assert guide.audience == "自然人、企业法人"
    assert guide.conditions == ("船舶为本省所有。",)
    assert [material.name for material in guide.materials] == ["申请表", "身份证"]
    assert guide.where == ("广州市某路1号",)
    assert guide.time_limit is not None
    assert guide.time_limit.text == "承诺7个自然日，法定30个工作日"
    assert (guide.time_limit.promised_days, guide.time_limit.statutory_days) == (None, 30)
    assert [(phone.number, phone.label) for phone in guide.phones] == [
        ("020-12345678", "咨询"),
        ("020-12345", "咨询"),
    ]
    assert guide.theme is Theme.BIRTH
    assert guide.completeness is Completeness.FULL
    (source,) = guide.sources
    assert source.url is None
    assert source.date is None
    assert set(source.fields) == {name for name in FACT_FIELDS if getattr(guide, name)}
    assert guide.verified_on is None


def test_what_a_record_does_not_say_stays_blank() -> None:
    (guide,) = mapped(
        dict.fromkeys(
            ("accept_standard", "handle_location", "handle_time", "handle_time_limit", "material_intro"), "无"
        )
    ).guides
    assert guide.completeness is Completeness.POINTER
    assert guide.conditions == guide.materials == guide.where == ()
    assert guide.time_limit is None
    assert guide.fee is None


def test_a_title_that_two_records_share_is_told_apart_and_shared_names_are_left_out() -> None:
    done = mapped({"DEPT_NAME": "海事局"}, {"DEPT_NAME": "渔业局"})
    assert [guide.title for guide in done.guides] == ["船舶登记（海事局）", "船舶登记（渔业局）"]
    assert len(done.renamed) == 2
    assert {guide.aliases for guide in done.guides} == {()}
    assert done.wordings_left_out >= 4
    check_set(done.guides)


def test_a_name_of_a_guide_that_is_there_already_is_not_taken_from_it() -> None:
    there = replace(mapped({}).guides[0], id="ship", title="船舶登记", aliases=("船本本",))
    done = map_records([RECORD], read_mapping("guangdong"), "a.json", [there])
    (guide,) = done.guides
    assert (guide.title, guide.aliases) == ("船舶登记（广东省）", ("登记船",))
    check_set([there, guide])


def test_a_second_import_of_the_same_records_makes_the_same_guides() -> None:
    first = mapped({})
    again = map_records(
        [{**RECORD, "TASK_CODE": f"{RECORD['TASK_CODE']}0"}],
        read_mapping("guangdong"),
        "a.json",
        first.guides,
    )
    assert again.guides == first.guides


def test_a_record_that_makes_no_guide_is_told_and_the_others_are_kept() -> None:
    done = mapped(
        {"DEPT_NAME": "<script>alert(1)</script>"},
        {"TASK_NAME": "别的"},
        {"TASK_NAME": None},
        {"TASK_CODE": None},
    )
    assert [guide.title for guide in done.guides] == ["别的"]
    assert done.refused == 3
    assert {(error.file, error.field, error.code) for error in done.errors} >= {
        ("policy.json #1", "department", "html"),
        ("policy.json #3", "title", "missing"),
        ("policy.json #4", "id", "missing"),
    }


def test_records_that_are_no_mappings_are_refused() -> None:
    done = map_records(["text", 1, None], read_mapping("guangdong"), "a.json")
    assert done.guides == []
    assert done.refused == 3


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"texts": {"title": {"from": "TASK_NAME"}}},
        {"texts": {"title": {"from": ["a"], "all": ["b"]}}},
        {"materials": {"all": ["a"], "split": "("}},
        {"materials": {"all": ["a"], "colour": "red"}},
        {"theme": {"from": ["a"], "otherwise": "别的", "table": {}}},
    ],
)
def test_a_wrong_mapping_is_refused_with_a_remedy(tmp_path: Path, change: dict[str, Any]) -> None:
    plain = yaml.safe_load((MAPPINGS / "guangdong.yml").read_text("utf-8"))
    file = tmp_path / "own.yml"
    file.write_text(yaml.safe_dump({**plain, **change}, allow_unicode=True), "utf-8")
    with pytest.raises(GuideErrors) as caught:
        read_mapping(str(file))
    assert caught.value.errors[0].code == "bad_mapping"
    assert caught.value.errors[0].remedy


def test_an_unknown_mapping_names_the_known_ones() -> None:
    with pytest.raises(GuideErrors, match="guangdong"):
        read_mapping("nowhere")
    assert "guangdong" in mapping_names()


@pytest.mark.parametrize("text", ['{"a": 1}\n{"a": 2}\n', '[{"a": 1}, {"a": 2}]'])
def test_records_are_json_lines_or_one_list(tmp_path: Path, text: str) -> None:
    file = tmp_path / "records.json"
    file.write_text(text, "utf-8")
    assert read_records(file) == [{"a": 1}, {"a": 2}]


def test_records_that_are_no_json_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text("[" * 100_000, "utf-8")
    with pytest.raises(GuideErrors):
        read_records(file)


@pytest.mark.skipif(not GUANGDONG.exists(), reason="the Guangdong file (shared/bench) is absent")
def test_all_2262_records_of_guangdong_become_valid_guides_that_share_no_wording() -> None:
    done = map_records(read_records(GUANGDONG), read_mapping("guangdong"), "policy.json")
    assert (len(done.guides), done.refused) == (2262, 0)
    check_set(done.guides)
    known = [guide.completeness for guide in done.guides]
    assert known.count(Completeness.FULL) > 500
    assert known.count(Completeness.POINTER) < 100
    assert "无" not in json.dumps([guide.conditions for guide in done.guides], ensure_ascii=False).split('"')
