"""The names of departments and companies in an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from supabase_agent.catalog import Department

ALL = "all"  # the department of numbers without departments


class Names:
    """Short names of the departments in the scope of a question. Two companies may have departments of one name."""

    def __init__(self, departments: Sequence[Department]) -> None:
        self._companies = Counter(one.name for one in departments)
        self._is_one_company = len({one.company for one in departments}) < 2
        self._by_id = {one.id: self._name(one.company, one.name) for one in departments}
        of_departments = {one.id: {"company": one.company, "department": one.name} for one in departments}
        self._owners = {one.company_id: {"company": one.company} for one in departments} | of_departments
        self.count = len(departments)

    def owner(self, id_: str) -> dict[str, str]:
        """The company, or the company and the department, with this id; nothing for the figures of all of them."""
        return self._owners.get(id_, {})

    def of(self, ids: Iterable[str] | None) -> list[str]:
        """The names of the departments with these ids, in alphabetical order."""
        return sorted(self._by_id.get(one, one) for one in ids or ())

    def driver(self, company: str, department: str | None) -> tuple[str | None, str]:
        """What kind the driver is, and its name. The kind is None for the only company, which made all of a change."""
        if department is not None:
            return "department", self._name(company, department)
        return (None if self._is_one_company else "company"), company

    def _name(self, company: str, department: str) -> str:
        if department.casefold() == ALL and not self._is_one_company:
            return company  # its numbers have no departments
        return f"{department} ({company})" if self._companies[department] > 1 else department
