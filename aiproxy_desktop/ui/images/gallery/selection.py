"""Which cells are chosen, and where the keys are. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Selection:
    """Ids that are chosen among those shown; `current` is where the keys are, empty where nowhere.

    The choice stays with the ids when others are shown.
    """

    def __init__(self) -> None:
        self._ids: Sequence[str] = ()
        self._places: dict[str, int] = {}
        self._anchor = ""
        self.current = ""
        self.chosen: set[str] = set()

    @property
    def place(self) -> int:
        """Of the current one; -1 where there is none."""
        return self._places.get(self.current, -1)

    def place_of(self, image_id: str) -> int:
        """Where one is shown; -1 where it is not."""
        return self._places.get(image_id, -1)

    @property
    def ordered(self) -> tuple[str, ...]:
        """The chosen ones as they are shown."""
        return tuple(sorted(self.chosen, key=self._places.__getitem__))

    def show(self, ids: Sequence[str]) -> None:
        """Others are shown; where the current one is gone, the one that took its place is chosen."""
        former = self.place
        self._ids = ids
        self._places = {image_id: place for place, image_id in enumerate(ids)}
        self.chosen &= self._places.keys()
        if self.current and self.current not in self._places:
            had_any = former >= 0 and bool(ids)
            self.current = ids[min(former, len(ids) - 1)] if had_any else ""
            if self.current and not self.chosen:
                self.chosen = {self.current}
        if self._anchor not in self._places:
            self._anchor = self.current

    def pick(self, place: int, *, toggle: bool = False, extend: bool = False) -> None:
        """A cell was clicked, or reached by the keys."""
        image_id = self._ids[place]
        if extend:
            begin = max(self._places.get(self._anchor, place), 0)
            low, high = sorted((begin, place))
            stretch = set(self._ids[low : high + 1])
            self.chosen = self.chosen | stretch if toggle else stretch
        elif toggle:
            self.chosen ^= {image_id}
            self._anchor = image_id
        else:
            self.chosen = {image_id}
            self._anchor = image_id
        self.current = image_id

    def go(self, place: int) -> None:
        """Put the keys on a cell and choose nothing else."""
        self.current = self._ids[place]

    def take(self, places: Iterable[int], beside: Iterable[str] = ()) -> None:
        """Choose these, and what was chosen before."""
        self.chosen = {self._ids[place] for place in places} | (set(beside) & self._places.keys())

    def take_all(self) -> None:
        """Choose everything that is shown."""
        self.chosen = set(self._ids)

    def clear(self) -> None:
        """Choose nothing."""
        self.chosen = set()
