"""Form keys: a form is recognised when it comes back, and a robot is not patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.web.form_keys import MAX_AGE, MIN_AGE, ExpiredError, ForgedError, FormKeys, TooFastError, UnusableKeyError

if TYPE_CHECKING:
    from tests.conftest import Clock


@pytest.fixture
def keys(clock: Clock) -> FormKeys:
    """Give form keys with a known secret."""
    return FormKeys("secret", clock)


def test_a_key_opens_in_time(keys: FormKeys, clock: Clock) -> None:
    """A form that comes back after a while holds the same key each time it is opened."""
    form_key = keys.new()
    clock.move(seconds=MIN_AGE)
    key = keys.open(form_key)
    assert len(key) == 32
    assert keys.open(form_key) == key


def test_every_form_has_its_own_key(keys: FormKeys, clock: Clock) -> None:
    """Two forms never share a key."""
    forms = [keys.new(), keys.new()]
    clock.move(minutes=1)
    assert keys.open(forms[0]) != keys.open(forms[1])


def test_a_robot_is_too_fast(keys: FormKeys, clock: Clock) -> None:
    """A form that comes back within two seconds was not filled in by a person."""
    form_key = keys.new()
    clock.move(seconds=MIN_AGE - 1)
    with pytest.raises(TooFastError, match="after 2 seconds"):
        keys.open(form_key)


def test_a_key_expires(keys: FormKeys, clock: Clock) -> None:
    """A form of yesterday is refused, on the last second not yet."""
    form_key = keys.new()
    clock.move(seconds=MAX_AGE)
    assert keys.open(form_key)
    clock.move(seconds=1)
    with pytest.raises(ExpiredError, match="43201 seconds old"):
        keys.open(form_key)


@pytest.mark.parametrize("form_key", ["", "x", "a.b.c", "ü", "\ud800", "\x00", "x" * 100_000])
def test_a_forged_key_is_refused(keys: FormKeys, form_key: str) -> None:
    """Whatever was not signed here opens nothing."""
    with pytest.raises(ForgedError):
        keys.open(form_key)


def test_a_changed_key_is_refused(keys: FormKeys, clock: Clock) -> None:
    """A key whose first letter was changed opens nothing."""
    form_key = keys.new()
    clock.move(minutes=1)
    with pytest.raises(UnusableKeyError):
        keys.open(("A" if form_key[0] != "A" else "B") + form_key[1:])


def test_another_secret_signs_other_keys(keys: FormKeys, clock: Clock) -> None:
    """A key signed with another secret is forged."""
    form_key = FormKeys("other", clock).new()
    with pytest.raises(ForgedError):
        keys.open(form_key)


def test_a_key_is_renewed_and_stays_the_same(keys: FormKeys, clock: Clock) -> None:
    """A form that comes back with faults, even after a day, keeps its key and its age begins anew."""
    form_key = keys.new()
    clock.move(seconds=MIN_AGE)
    key = keys.open(form_key)
    clock.move(days=1)
    renewed = keys.renew(form_key)
    clock.move(seconds=MIN_AGE)
    assert keys.open(renewed) == key


def test_a_forged_key_is_replaced(keys: FormKeys, clock: Clock) -> None:
    """A form that comes back with a forged key gets a new one."""
    renewed = keys.renew("forged")
    clock.move(seconds=MIN_AGE)
    assert keys.open(renewed)
