from ringfence.model.secret import DIGITS, Hashed, Kind, Secret


def test_no_secret_is_in_a_repr() -> None:
    hashed = Hashed("MD5", "201", "pbx", "d41d8cd98f00b204e9800998ecf8427e")
    shown = repr(Secret(Kind.PASSWORD, "Planted-7", hashed, "secret"))
    assert "Planted" not in shown
    assert "d41d8" not in shown
    assert "201" in shown


def test_only_what_is_typed_on_a_keypad_is_digits() -> None:
    assert {Kind.PIN, Kind.VOICEMAIL} == DIGITS
