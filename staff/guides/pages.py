"""Every page about guides, declared in one place."""

from __future__ import annotations

from sanic import Blueprint

from staff.console import Console
from staff.guides import (
    conflict_pages,
    edit_pages,
    guide_pages,
    list_pages,
    preview_pages,
    review_pages,
    sheet_pages,
    trial_pages,
)


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    for pages in (
        list_pages,
        guide_pages,
        edit_pages,
        conflict_pages,
        preview_pages,
        review_pages,
        trial_pages,
        sheet_pages,
    ):
        pages.add_pages(routes, desk)
