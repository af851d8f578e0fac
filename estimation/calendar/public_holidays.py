"""Public holidays and weekends by country and subdivision, as the package ``holidays`` knows them."""

from __future__ import annotations

import datetime as dt
import warnings
from functools import lru_cache

from estimation.errors import InputError, nearest_few

FIRST_YEAR, LAST_YEAR = 1990, 2060
"""Years whose holidays are looked up; before and after them only the week pattern counts."""


@lru_cache(maxsize=512)
def days_off_in(region: str) -> tuple[str, tuple[dt.date, ...]]:
    """Find the week pattern (Monday first) and the public holidays from 1990 to 2060 of a country or one of its parts.

    The region is an ISO code of two letters, perhaps with a subdivision: ``DE``, ``DE-BY``; an unknown one is
    refused with the nearest codes. The week is the one worked today, in all years. Holidays that move with the moon
    are estimates in the future. Days off that only some take (half days, banks, one confession) are left out, and
    so are weekends worked in exchange for a day off; those on weekends are among the days.

    >>> week, days = days_off_in("IL")  # Friday and Saturday are the weekend
    >>> week
    '1111001'
    >>> dt.date(2026, 4, 22) in days  # Independence Day
    True
    """
    import holidays  # here, because most tables name no country and the package takes its time
    from holidays.registry import COUNTRIES

    country, _, subdivision = region.partition("-")
    names = {name.casefold(): codes[1] for name, codes in COUNTRIES.items()}
    names |= {alias.casefold(): codes[1] for codes in COUNTRIES.values() for alias in codes[1:]}
    if country.upper() not in names.values():
        raise InputError(
            f"the country '{country}' is not known; {_meant(country, names) or 'write its ISO code of two letters'}"
        )
    country = country.upper()
    code = _subdivision(country, subdivision, holidays.country_holidays(country))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the package knows fewer years it says so
        years = range(FIRST_YEAR, LAST_YEAR + 1)
        known = holidays.country_holidays(country, subdiv=code, years=years, expand=False)
    week = "".join("0" if weekday in known.weekend else "1" for weekday in range(7))
    return week, tuple(sorted(known))


def _subdivision(country: str, asked: str, known) -> str | None:
    if not asked:
        return None
    names = {code.casefold(): code for code in known.subdivisions}
    if asked.casefold() in names:
        return names[asked.casefold()]
    names |= {name.casefold(): code for name, code in known.subdivisions_aliases.items()}
    regions = {name: f"{country}-{code}" for name, code in names.items()}
    hint = _meant(asked, regions) or (
        f"there are {', '.join(dict.fromkeys(regions.values()))}" if regions else "it has none"
    )
    raise InputError(f"the subdivision '{asked}' of {country} is not known; {hint}")


def _meant(asked: str, codes: dict[str, str]) -> str:
    """Name the codes that were perhaps meant: found by their own spelling or by the name they stand for."""
    exact = codes.get(asked.casefold())
    # codes with codes, names with names
    alike = [name for name in codes if min(len(name), 4) == min(len(asked), 4)]
    near = nearest_few(asked.casefold(), alike, most=3, cutoff=0.5 if len(asked) == 2 else 0.75)
    meant = [exact] if exact else dict.fromkeys(codes[name] for name in near)
    return f"did you mean {' or '.join(meant)}?" if meant else ""
