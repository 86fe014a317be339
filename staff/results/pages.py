"""The pages of results, in the order in which addresses are tried."""

from __future__ import annotations

from sanic import Blueprint

from staff.console import Console
from staff.results import behind_pages, exclusion_pages, list_pages, rate_pages


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    for module in (rate_pages, behind_pages, exclusion_pages, list_pages):
        module.add_pages(routes, desk)
