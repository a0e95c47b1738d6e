"""Users, tokens, logins and the audit table, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ecg_core.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidAdminTokenError,
    InvalidInputError,
    InvalidUserTokenError,
    NotLoggedInError,
    TooManyAttemptsError,
    UserNotFoundError,
)
from ecg_core.services import logins, reports, uploads, users
from ecg_core.services.room import open_reading_room, utc_now
from ecg_core.services.start import start
from ecg_core.settings import Settings, check_admin_token
from ecg_core.storage.tables import AuditRow, LoginSession
from tests.parts import ADMIN_TOKEN

BODY = b'{"leads": [{"name": "I", "signal": [1, -1]}]}'


def audited(room):
    with room.database.reading() as connection:
        rows = connection.execute(select(AuditRow).order_by(AuditRow.id))
        return [(row.actor, row.action, row.target, row.address) for row in rows]


def test_a_token_opens_until_a_new_one_is_given(room):
    old = users.register(room, "dr.meier")
    assert users.authenticate_user(room, old).username == "dr.meier"
    new = users.register(room, "dr.meier")
    assert old != new and users.authenticate_user(room, new).username == "dr.meier"
    with pytest.raises(InvalidUserTokenError):
        users.authenticate_user(room, old)


def test_deactivation_ends_the_token_and_registration_opens_it_again(room):
    token = users.register(room, "dr.meier")
    users.deactivate(room, "dr.meier")
    with pytest.raises(InvalidUserTokenError):
        users.authenticate_user(room, token)
    assert [user.is_active for user in users.list_users(room)] == [False]
    assert users.authenticate_user(room, users.register(room, "dr.meier")).is_active
    with pytest.raises(UserNotFoundError):
        users.deactivate(room, "nobody")


@pytest.mark.parametrize("name", ["", " ", "a" * 65, "(administrator)", "a\nb", "a\x00", "x/y", "<b>"])
def test_names_that_could_mislead_are_refused(room, name):
    with pytest.raises(InvalidInputError):
        users.register(room, name)


@pytest.mark.parametrize("name", ["", "a\x00", "a/b", "x" * 1000, "nobody"])
def test_nobody_of_an_impossible_name_is_deactivated(room, name):
    with pytest.raises(UserNotFoundError):
        users.deactivate(room, name)


def test_a_name_is_one_however_its_accents_are_written(room):
    token = users.register(room, "Mu\u0308ller")
    assert users.user_of(room, token).username == "M\u00fcller"
    users.deactivate(room, "Mu\u0308ller")
    assert users.user_of(room, token) is None


def test_tokens_are_random_and_stored_only_as_keyed_hashes(tmp_path):
    room = open_reading_room(Settings(data_dir=tmp_path, demo=False))
    tokens = [users.register(room, f"user{n}") for n in range(5)]
    cookie = logins.log_in(room, tokens[0])
    assert len(set(tokens)) == 5 and all(len(token) >= 40 for token in tokens)
    room.database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("ecg.db"))
    for secret in (*tokens, cookie):
        assert secret.encode() not in stored and secret[5:].encode() not in stored
    assert room.keyed_hash(tokens[0]).encode() in stored


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path):
    settings = Settings(data_dir=tmp_path, demo=False)
    first, second = open_reading_room(settings), open_reading_room(settings)
    assert first.key == second.key and len(first.key) >= 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_login_ends_when_idle_too_long_and_when_too_old(room):
    user_token = users.register(room, "dr.meier")
    cookie = logins.log_in(room, user_token)
    assert logins.find_visitor(room, cookie).name == "dr.meier"
    for column, age in (("last_seen_at", timedelta(minutes=61)), ("created_at", timedelta(hours=13))):
        with room.database.writing() as connection:
            connection.execute(update(LoginSession).values(last_seen_at=utc_now(), created_at=utc_now()))
        assert logins.find_visitor(room, cookie) is not None
        with room.database.writing() as connection:
            connection.execute(update(LoginSession).values({column: utc_now() - age}))
        assert logins.find_visitor(room, cookie) is None


def test_logout_deactivation_and_a_new_token_end_a_login_at_once(room):
    for end in (
        lambda cookie: logins.log_out(room, cookie),
        lambda _: users.deactivate(room, "dr.meier"),
        lambda _: users.register(room, "dr.meier"),
    ):
        cookie = logins.log_in(room, users.register(room, "dr.meier"))
        assert logins.require_user(room, cookie).username == "dr.meier"
        end(cookie)
        assert logins.find_visitor(room, cookie) is None
        with pytest.raises(NotLoggedInError):
            logins.require_user(room, cookie)


def test_the_administrator_logs_in_but_is_no_user(room):
    start(room)
    cookie = logins.log_in(room, ADMIN_TOKEN)
    assert logins.find_visitor(room, cookie).is_admin
    with pytest.raises(NotLoggedInError):
        logins.require_user(room, cookie)
    with pytest.raises(InvalidAdminTokenError):
        users.authenticate_admin(room, users.register(room, "dr.meier"))


def test_repeated_wrong_tokens_are_slowed_down_for_that_address_only(room):
    token = users.register(room, "dr.meier")
    for _ in range(room.settings.login_failures_per_minute):
        with pytest.raises(AuthenticationError):
            logins.log_in(room, "wrong", address="10.0.0.1")
    with pytest.raises(TooManyAttemptsError) as error:
        logins.log_in(room, token, address="10.0.0.1")
    assert 1 <= error.value.retry_after_s <= 60
    assert logins.log_in(room, token, address="10.0.0.2")
    with room.database.writing() as connection:
        connection.execute(update(AuditRow).values(at=utc_now() - timedelta(minutes=2)))
    assert logins.log_in(room, token, address="10.0.0.1")


def test_an_address_of_any_length_is_kept_short(room):
    """A proxy passes on whatever a client says of itself."""
    token = users.register(room, "dr.meier", address="1" * 500)
    for _ in range(room.settings.login_failures_per_minute):
        with pytest.raises(AuthenticationError, match="not known"):
            logins.log_in(room, "wrong", address="2" * 500)
    with pytest.raises(TooManyAttemptsError):
        logins.log_in(room, token, address="2" * 500)
    assert {address for *_, address in audited(room)} == {"1" * 64, "2" * 64}


def test_a_flood_of_wrong_tokens_does_not_flood_the_audit_table(room):
    for _ in range(40):
        with pytest.raises(InvalidUserTokenError):
            users.authenticate_user(room, "wrong", address="10.0.0.1")
    assert audited(room) == [("", "wrong_user_token", "", "10.0.0.1")] * 10


def test_everything_that_matters_is_audited_without_tokens_or_signals(room):
    token = users.register(room, "dr.meier", address="a")
    user = users.user_of(room, token)
    cookie = logins.log_in(room, token, address="b")
    ecg = uploads.add_json(room, user, BODY, address="c")
    b"".join(reports.ecg_report(room, user, ecg.id, "leads", address="d").chunks)
    b"".join(reports.cohort_report(room, user, address="e").chunks)
    from ecg_core.services import recordings

    recordings.delete_ecg(room, user, ecg.id, address="f")
    logins.log_out(room, cookie, address="g")
    users.deactivate(room, "dr.meier", address="h")
    assert audited(room) == [
        ("(administrator)", "register", "dr.meier", "a"),
        ("dr.meier", "login", "", "b"),
        ("dr.meier", "upload", str(ecg.id), "c"),
        ("dr.meier", "download", f"leads {ecg.id}", "d"),
        ("dr.meier", "download", "cohort", "e"),
        ("dr.meier", "delete", str(ecg.id), "f"),
        ("dr.meier", "logout", "", "g"),
        ("(administrator)", "deactivate", "dr.meier", "h"),
    ]


def test_the_first_start_makes_tokens_and_the_demo_and_later_ones_nothing(tmp_path):
    room = open_reading_room(Settings(data_dir=tmp_path))
    first = start(room)
    assert users.is_admin_token(room, first.admin_token)
    demo = users.user_of(room, first.demo_token)
    from ecg_core.services import recordings

    ecgs, _ = recordings.list_ecgs(room, demo)
    assert [(len(ecg.leads), ecg.duration_s) for ecg in ecgs] == [(12, 10.0), (2, 300.0)]
    assert start(room) is None
    assert users.user_of(room, first.demo_token) is not None


def test_the_demo_can_be_left_out_and_the_admin_token_set_later(tmp_path):
    first = start(open_reading_room(Settings(data_dir=tmp_path, demo=False)))
    assert first.demo_token is None and first.admin_token
    room = open_reading_room(Settings(data_dir=tmp_path, admin_token=ADMIN_TOKEN))
    assert start(room) is None
    assert users.is_admin_token(room, ADMIN_TOKEN) and not users.is_admin_token(room, first.admin_token)


@pytest.mark.parametrize(
    "token, reason",
    [
        ("tiny-1234", "too short"),
        ("a" * 40, "repeats"),
        ("abc" * 12, "repeats"),
        ("changeme-changeme-changeme", "well-known"),
        ("my-secret-admin-token-2024", "well-known"),
        ("token with some spaces in it", "spaces"),
    ],
)
def test_an_admin_token_that_can_be_guessed_is_refused_with_the_reason(token, reason):
    with pytest.raises(ConfigurationError, match=reason) as error:
        check_admin_token(token)
    assert token not in str(error.value)


def test_a_random_admin_token_is_accepted():
    check_admin_token(ADMIN_TOKEN)
    check_admin_token("mBUqHKvL_kmasvVWTLt_f965rebC7GOv6PxtGZs5t0Y")


def test_a_missing_data_folder_is_made_and_an_impossible_one_is_said(tmp_path):
    open_reading_room(Settings(data_dir=tmp_path / "a" / "b", demo=False)).database.close()
    assert (tmp_path / "a" / "b" / "ecg.db").exists()
    with pytest.raises(ConfigurationError, match="ECG_DATA_DIR"):
        open_reading_room(Settings(data_dir=Path("/proc/nothing"), demo=False))
