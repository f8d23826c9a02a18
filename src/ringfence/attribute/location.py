"""Where the user's own geolocation file (mmdb) puts an address: a hint, never a proof."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.attribute.errors import AttributionError
from ringfence.attribute.loose import Fields, objects, plain
from ringfence.attribute.place import country_code
from ringfence.attribute.special import IP
from ringfence.model.responsible import Location

if TYPE_CHECKING:
    import maxminddb


class Locations:
    """An opened mmdb file of MaxMind's form, whoever made it."""

    def __init__(self, path: str) -> None:
        """Open it. Raises AttributionError."""
        self._reader = _open(path)
        built = datetime.fromtimestamp(self._reader.metadata().build_epoch, UTC)
        self._source = f"{Path(path).name}, {built:%Y-%m-%d}"

    def find(self, address: IP) -> Location | None:
        """Its place; None where the file has none, or where what it has makes no sense."""
        import maxminddb

        try:
            record = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return None
        if not isinstance(record, dict):
            return None
        country, region, city = read_record(dict(record))
        if country is None and region is None and city is None:
            return None
        return Location(country, region, city, self._source)

    def close(self) -> None:
        """Give the file back."""
        self._reader.close()


def read_record(record: Fields) -> tuple[str | None, str | None, str | None]:
    """Country, region, city: nested as MaxMind has them, or flat as DB-IP's tables."""
    country = plain(record.get("country_code"))
    for key in ("country", "registered_country"):
        if not country and isinstance(inner := record.get(key), dict):
            country = plain(inner.get("iso_code"))
    region = plain(record.get("state1"))
    for _, part in objects(record.get("subdivisions")):
        region = region or _name(part)
        break
    inner = record.get("city")
    city = _name(inner) if isinstance(inner, dict) else plain(inner)
    return country_code(country), region[:100] or None, city[:100] or None


def _name(part: Fields) -> str:
    names = part.get("names")
    return plain(names.get("en")) if isinstance(names, dict) else ""


def _open(path: str) -> maxminddb.Reader:
    try:
        import maxminddb
    except ModuleNotFoundError as error:
        raise AttributionError(
            "--geo needs maxminddb, which is not installed: `pip install 'ringfence[geo]'`"
        ) from error
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        reason = getattr(error, "strerror", None) or "it is no mmdb file"
        raise AttributionError(f"--geo {path}: {reason}") from error
