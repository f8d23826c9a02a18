from ringfence.model.pbx import Extension, Pbx, Place, System
from ringfence.model.secret import Kind, Secret


def test_a_whole_phone_system_shows_no_secret_in_its_repr() -> None:
    place = Place("extensions.csv", 2)
    secret = Secret(Kind.PIN, "48151623")
    pbx = Pbx(System.THREECX, ("extensions.csv",), (Extension("201", place, secrets=(secret,)),))
    assert "48151623" not in repr(pbx)
    assert "extensions.csv" in repr(pbx)
