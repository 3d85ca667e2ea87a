from __future__ import annotations

import pytest

from geodata.pile import Pile


@pytest.mark.parametrize("held", [0, 1, 3, 100])
def test_what_was_added_comes_once_in_its_order(held: int) -> None:
    pile: Pile[str] = Pile(held_rows=held)
    for word in "abcde":
        pile.add(word, rows=1)
    assert list(pile.taken()) == list("abcde")
    assert list(pile.taken()) == []
    pile.close()


def test_a_large_thing_does_not_let_later_ones_overtake_it() -> None:
    pile: Pile[int] = Pile(held_rows=3)
    for number, rows in enumerate([2, 5, 1]):
        pile.add(number, rows=rows)
    assert list(pile.taken()) == [0, 1, 2]


def test_a_pile_may_be_left_half_way() -> None:
    pile: Pile[int] = Pile(held_rows=1)
    for number in range(4):
        pile.add(number, rows=1)
    taking = pile.taken()
    assert [next(taking), next(taking)] == [0, 1]
    pile.close()
    assert list(taking) == []
