"""The desk's pages, in the order in which addresses are tried."""

from __future__ import annotations

from sanic import Blueprint

from staff.cases import (
    act_pages,
    alarm_pages,
    case_pages,
    hotline_pages,
    list_pages,
    many_pages,
    new_pages,
    photo_pages,
)
from staff.console import Console


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    for module in (
        list_pages,
        many_pages,
        hotline_pages,
        alarm_pages,
        new_pages,
        case_pages,
        photo_pages,
        act_pages,
    ):
        module.add_pages(routes, desk)
