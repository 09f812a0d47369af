"""A clock that stands still, so that a recording comes out the same again."""

import datetime
import time
from typing import Any

REAL = datetime.datetime


def stop(at: str) -> None:
    """To be called before moto is imported, whose modules take `datetime` by name. `at`: ISO 8601."""
    moment = REAL.fromisoformat(at.replace("Z", "+00:00")).astimezone(datetime.timezone.utc)

    class Either(type):
        """Times that come from C are times too."""

        def __instancecheck__(cls, other: Any) -> bool:
            return isinstance(other, REAL)

        def __subclasscheck__(cls, other: Any) -> bool:
            return issubclass(other, REAL)

    class Stopped(REAL, metaclass=Either):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Stopped":
            return cls.fromtimestamp(moment.timestamp(), tz or datetime.timezone.utc).replace(tzinfo=tz)

        @classmethod
        def utcnow(cls) -> "Stopped":
            return cls.now()

        @classmethod
        def today(cls) -> "Stopped":
            return cls.now()

    datetime.datetime = Stopped  # type: ignore[misc]
    time.time = moment.timestamp
