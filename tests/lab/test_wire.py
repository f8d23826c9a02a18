from lab.wire import _first_length, split

ANSWER = (
    b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 192.0.2.20;branch=z9hG4bK1;rport\r\n"
    b"Record-Route: <sip:192.0.2.10;lr>\r\nf: <sip:201@192.0.2.10>;tag=a\r\n"
    b"To: <sip:202@192.0.2.10>;tag=b\r\nCSeq: 2 INVITE\r\nm: <sip:202@192.0.2.21>\r\n"
    b"Content-Length: 4\r\n\r\nbody"
)


def test_a_response_is_taken_apart() -> None:
    message = split(ANSWER)
    assert (message.status, message.method, message.branch) == (200, "INVITE", "z9hG4bK1")
    assert (message.tag("from"), message.tag("to"), message.body) == ("a", "b", "body")


def test_two_messages_in_one_segment_are_counted_apart() -> None:
    assert _first_length(ANSWER + ANSWER) == len(ANSWER)


def test_half_a_head_has_no_length_yet() -> None:
    assert _first_length(ANSWER[:60]) == 0
