"""Scheme, host and port of an address: one notation, which every client reads alike."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.core.origins import BadAddress, Origin, origin_of


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com"),
        ("HTTPS://API.OpenAI.com:443/", "https://api.openai.com"),
        ("https://api.openai.com:80", "https://api.openai.com:80"),
        ("http://api.openai.com", "http://api.openai.com"),
        ("http://vllm_1:8000/v1", "http://vllm_1:8000"),
        ("http://h:", "http://h"),
        ("http://10.0.0.7:08000/v1", "http://10.0.0.7:8000"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
        ("http://[2001:DB8:0:0::1]", "http://[2001:db8::1]"),
        ("http://[::ffff:10.0.0.7]/", "http://10.0.0.7"),
        ("http://[::ffff:a00:7]/", "http://10.0.0.7"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://1.example", "http://1.example"),
    ],
)
def test_what_is_one_origin_is_written_in_one_way(address: str, written: str) -> None:
    assert str(origin_of(address)) == written
    assert origin_of(written) == origin_of(address), "an origin is an address itself"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h", "http://h"),
        ("https://h", "https://h:444"),
        ("https://h", "https://g"),
        ("https://h", "https://h.example"),
        ("http://h:80", "https://h:80"),
        ("http://1.2.3.4", "http://[::1.2.3.4]"),
    ],
)
def test_scheme_host_and_port_all_count(one: str, other: str) -> None:
    assert origin_of(one) != origin_of(other)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "starts with"),
        (None, "starts with"),
        ("h.example/v1", "starts with"),
        ("//h/v1", "starts with"),
        ("ftp://h", "starts with"),
        ("file:///etc/passwd", "starts with"),
        (" https://h", "starts with"),
        ("https://h/" + "a" * 491, "longer than 500"),
        ("https://h/\t", "a blank"),
        ("http://good.example\n.evil.example", "a blank"),
        ("http://good example", "a blank"),
        ("http://evil.example\\.good.example", "a backslash"),
        ("http://evil.example\\@good.example", "a backslash"),
        ("http://h\x00", "cannot be printed"),
        ("http://h\u202e", "cannot be printed"),
        ("http://h\ud800", "cannot be printed"),
        ("http://h?x=1", "a path is added"),
        ("http://h/v1#x", "a path is added"),
        ("http://u:p@h", "no user or password"),
        ("http://@h", "no user or password"),
        ("http://good.example@evil.example", "no user or password"),
        ("http://", "after // comes a host"),
        ("http:///v1", "after // comes a host"),
        ("http://:80", "after // comes a host"),
        ("http://h:80:80", "after // comes a host"),
        ("http://h:eighty", "after // comes a host"),
        ("http://h:-1", "after // comes a host"),
        ("http://h:\u0661", "after // comes a host"),
        ("http://h:0", "a port is a number"),
        ("http://h:65536", "a port is a number"),
        ("http://[::1", "cannot be read"),
        ("http://\u2100.example", "cannot be read"),
        ("http://[::1]evil.example", "after // comes a host"),
        ("http://[1.2.3.4]", "cannot be read|is no IPv6 address"),
        ("http://[::g]", "cannot be read|is no IPv6 address"),
        ("http://[fe80::1%eth0]", "an interface of one machine"),
        ("http://a..b/", "is empty"),
        ("http://.a/", "is empty"),
        ("http://a./", "is empty"),
        (f"http://{'a' * 64}.example/", "longer than 63"),
        ("http://" + ".".join(["a" * 49] * 6), "longer than 253"),
        ("http://-a.example", "cannot be a part"),
        ("http://a-.example", "cannot be a part"),
        ("http://a%2eb", "cannot be a part"),
        ("http://a*b", "cannot be a part"),
        ("http://xn--/", "cannot be a part"),
        ("http://xn--a/", "cannot be a part"),
        ("http://xn--999999b/", "cannot be a part"),
        ("http://\u2603.example", "cannot be a host's name"),
        # 127.0.0.1 in every notation that some library takes.
        ("http://0177.0.0.1/", "in another way"),
        ("http://127.0.0.01/", "in another way"),
        ("http://0x7f.0.0.1/", "in another way"),
        ("http://0x7f000001/", "in another way"),
        ("http://0x7F.1/", "in another way"),
        ("http://2130706433/", "in another way"),
        ("http://017700000001/", "in another way"),
        ("http://127.1/", "in another way"),
        ("http://127.0.1/", "in another way"),
        ("http://256.0.0.1/", "in another way"),
        ("http://1.2.3.4.5/", "in another way"),
        ("http://127。0。0。1/", "in another way"),
        ("http://１２７.0.0.1/", "cannot be a host's name"),
        ("http://①.0.0.1/", "cannot be a host's name"),
    ],
)
def test_what_clients_read_differently_or_not_at_all_has_no_origin(address: str, why: str) -> None:
    with pytest.raises(BadAddress, match=why):
        origin_of(address)


NAMES = st.text(alphabet="abcXYZ019-_.:[]%@\\/ü。０xn", min_size=1, max_size=24)


@given(host=NAMES, path=st.sampled_from(["", "/", "/v1", "/a/../b"]))
def test_what_has_an_origin_is_read_alike_by_the_client(host: str, path: str) -> None:
    try:
        found = origin_of(f"https://{host}{path}")
    except BadAddress:
        return
    url = httpx.URL(f"https://{host}{path}")
    assert url.scheme == found.scheme
    assert (url.port or 443) == found.port
    assert not url.userinfo
    read = url.raw_host.decode().strip("[]")
    assert read == found.host or origin_of(f"https://[{read}]") == found, (
        "an IPv6 address may be written longer"
    )


def test_an_origin_is_a_value() -> None:
    assert {Origin("http", "h", 80), origin_of("http://H/v1")} == {Origin("http", "h", 80)}
