from lab.digest import Credentials, parameters


def test_the_example_of_rfc_2617_is_answered() -> None:
    challenge = parameters(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    )
    answer = Credentials("Mufasa", "Circle Of Life").answer(
        challenge, "GET", "/dir/index.html", "0a4f113b"
    )
    assert parameters(answer)["response"] == "6629fae49393a05397450978507c4ef1"


def test_a_challenge_without_qop_gets_an_answer_without_nc() -> None:
    answer = parameters(
        Credentials("201", "x").answer({"realm": "r", "nonce": "n"}, "REGISTER", "sip:r", "c")
    )
    assert "nc" not in answer
    assert "qop" not in answer
