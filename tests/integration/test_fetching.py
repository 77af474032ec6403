"""The fetcher against a local site: manners, errors, private addresses, secrets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import InputRefused
from ingest.sources import fetching
from ingest.sources.fetching import (
    Disallowed,
    Fetched,
    Fetcher,
    Manners,
    NotFetched,
    PrivateAddress,
    Refused,
    Unreachable,
    is_private,
)
from tests.site import Answer, Site, site

CONTACT = "data@shop.example"
KEY = "own+secret/key=="


class Patience:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def clock(self) -> float:
        return sum(self.slept)


def fetcher(
    cache: Path,
    patience: Patience,
    private: Callable[[str], bool] | None = lambda host: False,
    **manners: Any,
) -> Fetcher:
    told = {"delay": 0.0, **manners}
    return Fetcher(
        cache,
        Manners(CONTACT, **told),
        sleep=patience.sleep,
        clock=patience.clock,
        private=private,
    )


async def got(
    own: Site, path: str, cache: Path, patience: Patience | None = None, **options: Any
) -> Fetched:
    manners = {
        name: options.pop(name) for name in ("delay", "retries", "robots") if name in options
    }
    async with fetcher(cache, patience or Patience(), **manners) as one:
        return await one.get(own.address + path, **options)


async def test_what_came_is_not_asked_again_by_the_next_run(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/a"] = Answer("하나")
        first = await got(own, "/a#part", tmp_path)
        again = await got(own, "/a", tmp_path)
        assert own.paths == ["/robots.txt", "/a"]
    assert (first.text, first.from_cache) == ("하나", False)
    assert again == Fetched(first.url, 200, first.content_type, first.body, from_cache=True)


async def test_a_page_that_is_gone_is_not_asked_again_either(tmp_path: Path) -> None:
    async with site() as own:
        for _ in range(2):
            with pytest.raises(Refused, match="404"):
                await got(own, "/no", tmp_path)
        assert own.paths == ["/robots.txt", "/no"]


async def test_emptied_the_folder_asks_anew(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/a"] = Answer("하나")
        await got(own, "/a", tmp_path / "kept")
        fetching.emptied(tmp_path / "kept")
        await got(own, "/a", tmp_path / "kept")
        assert own.paths.count("/a") == 2


async def test_half_a_file_is_as_none(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/a"] = Answer("하나")
        await got(own, "/a", tmp_path)
        for file in tmp_path.iterdir():
            file.write_bytes(file.read_bytes()[:9])
        assert not (await got(own, "/a", tmp_path)).from_cache


async def test_a_page_says_its_encoding(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/header"] = Answer("토너".encode("cp949"), kind="text/html; charset=euc-kr")
        meta = "<meta charset=euc-kr>토너".encode("cp949")
        own.pages["/meta"] = Answer(meta, kind="text/html")
        assert (await got(own, "/header", tmp_path)).text == "토너"
        assert (await got(own, "/meta", tmp_path)).text.endswith("토너")


async def test_the_user_agent_says_who_asks(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/a"] = Answer()
        await got(own, "/a", tmp_path)
        agents = {request.headers["User-Agent"] for request in own.asked}
    assert len(agents) == 1
    (agent,) = agents
    assert agent.startswith("ppoyami-ingest/")
    assert agent.endswith(f"(+{CONTACT})")


@pytest.mark.parametrize("contact", ["", "nobody", "a@b\r\nX-Evil: 1", "가@나", "a b@c"])
def test_without_a_contact_nothing_is_asked(contact: str) -> None:
    with pytest.raises(InputRefused, match="--contact"):
        Manners(contact)


# --- robots.txt -----------------------------------------------------------------------------------


async def test_what_robots_txt_forbids_is_not_asked(tmp_path: Path) -> None:
    async with site() as own:
        rules = "User-agent: *\nDisallow: /qna/\nAllow: /qna/open\n"
        own.pages |= {"/robots.txt": Answer(rules), "/qna/open": Answer("열림")}
        async with fetcher(tmp_path, Patience()) as one:
            assert (await one.get(f"{own.address}/qna/open")).text == "열림"
            with pytest.raises(Disallowed, match=r"robots\.txt"):
                await one.get(f"{own.address}/qna/1")
        assert own.paths == ["/robots.txt", "/qna/open"]


async def test_rules_for_us_by_name_count_before_those_for_all(tmp_path: Path) -> None:
    async with site() as own:
        rules = "User-agent: *\nAllow: /\n\nUser-agent: ppoyami-ingest\nDisallow: /\n"
        own.pages |= {"/robots.txt": Answer(rules), "/a": Answer()}
        with pytest.raises(Disallowed):
            await got(own, "/a", tmp_path)


async def test_a_robots_txt_that_cannot_be_read_forbids_all(tmp_path: Path) -> None:
    async with site() as own:
        own.pages |= {"/robots.txt": Answer(status=503), "/a": Answer(), "/b": Answer()}
        async with fetcher(tmp_path, Patience(), retries=1) as one:
            for path in ("/a", "/b"):
                with pytest.raises(Disallowed, match="503"):
                    await one.get(own.address + path)
        assert own.paths == ["/robots.txt", "/robots.txt"]


async def test_a_robots_txt_is_followed_where_it_leads(tmp_path: Path) -> None:
    async with site() as own:
        own.pages |= {
            "/robots.txt": Answer.to("/rules"),
            "/rules": Answer("User-agent: *\nDisallow: /a"),
            "/a": Answer(),
        }
        with pytest.raises(Disallowed):
            await got(own, "/a", tmp_path)


async def test_an_api_with_ones_own_key_is_asked_whatever_robots_txt_says(tmp_path: Path) -> None:
    async with site() as own:
        own.pages |= {"/robots.txt": Answer("User-agent: *\nDisallow: /"), "/api": Answer("{}")}
        await got(own, "/api", tmp_path, api=True)
        assert own.paths == ["/api"]


# --- patience -------------------------------------------------------------------------------------


async def test_a_host_is_asked_once_in_a_while(tmp_path: Path) -> None:
    patience = Patience()
    async with site() as own:
        own.pages |= {f"/{n}": Answer() for n in range(4)}
        async with fetcher(tmp_path, patience, delay=2.0, robots=False) as one:
            for n in range(4):
                await one.get(f"{own.address}/{n}")
    assert patience.slept == [2.0, 2.0, 2.0]


async def test_a_longer_crawl_delay_counts(tmp_path: Path) -> None:
    patience = Patience()
    async with site() as own:
        own.pages |= {"/robots.txt": Answer("User-agent: *\nCrawl-delay: 7"), "/a": Answer()}
        own.pages["/b"] = Answer()
        async with fetcher(tmp_path, patience, delay=2.0) as one:
            await one.get(f"{own.address}/a")
            await one.get(f"{own.address}/b")
    assert patience.slept == [2.0, 7.0]


async def test_too_many_then_well_is_well_after_the_time_asked_for(tmp_path: Path) -> None:
    patience = Patience()
    async with site() as own:
        own.pages["/a"] = Answer("하나")
        own.troubles["/a"] = [Answer(status=429, headers={"Retry-After": "37"})]
        assert (await got(own, "/a", tmp_path, patience)).text == "하나"
    assert patience.slept == [37.0]


async def test_a_date_to_come_back_at_is_obeyed(tmp_path: Path) -> None:
    patience = Patience()
    async with site() as own:
        at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        own.pages["/a"] = Answer("하나")
        own.troubles["/a"] = [Answer(status=503, headers={"Retry-After": at})]
        await got(own, "/a", tmp_path, patience)
    (slept,) = patience.slept
    assert 60 < slept <= 90


async def test_who_is_told_to_come_back_much_later_does_not_come_earlier(tmp_path: Path) -> None:
    patience = Patience()
    async with site() as own:
        own.pages["/a"] = Answer(status=429, headers={"Retry-After": "86400"})
        with pytest.raises(Refused, match="86,400초"):
            await got(own, "/a", tmp_path, patience)
        assert own.paths.count("/a") == 1
    assert patience.slept == []


async def test_a_server_in_trouble_is_asked_less_and_less(tmp_path: Path) -> None:
    patience = Patience()
    async with site() as own:
        own.pages["/a"] = Answer("하나")
        own.troubles["/a"] = [Answer(status=500), Answer(status=502), Answer(status=504)]
        assert (await got(own, "/a", tmp_path, patience)).text == "하나"
    one, two, four = patience.slept
    assert 0.5 <= one <= 1 <= two <= 2 <= four <= 4


async def test_a_server_that_stays_in_trouble_is_left(tmp_path: Path) -> None:
    async with site() as own:
        own.pages |= {"/a": Answer(status=500), "/b": Answer(dropped=True)}
        with pytest.raises(Refused, match="500"):
            await got(own, "/a", tmp_path, retries=2)
        assert own.paths.count("/a") == 3
        patience = Patience()
        with pytest.raises(Unreachable):
            await got(own, "/b", tmp_path, patience, retries=2)
        assert len(patience.slept) == 2


async def test_other_errors_are_not_asked_again(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/a"] = Answer(status=403)
        with pytest.raises(Refused, match="403") as caught:
            await got(own, "/a", tmp_path)
        assert caught.value.answer.status == 403
        assert own.paths.count("/a") == 1


async def test_what_a_check_refuses_is_not_kept(tmp_path: Path) -> None:
    def check(answer: Fetched) -> None:
        if answer.body == b"wrong":
            raise InputRefused("wrong")

    async with site() as own:
        own.pages["/a"] = Answer("right")
        own.troubles["/a"] = [Answer("wrong")]
        with pytest.raises(InputRefused, match="wrong"):
            await got(own, "/a", tmp_path, check=check)
        assert (await got(own, "/a", tmp_path, check=check)).text == "right"


async def test_a_body_without_an_end_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "BODY_AT_MOST", 1024 * 1024)
    async with site() as own:
        own.pages["/a"] = Answer(b"x" * (1024 * 1024 + 1))
        with pytest.raises(Refused, match="1MB"):
            await got(own, "/a", tmp_path)
        assert own.paths.count("/a") == 1


# --- where it leads -------------------------------------------------------------------------------


async def test_redirects_are_followed_and_kept_under_the_first_address(tmp_path: Path) -> None:
    async with site() as own:
        own.pages |= {"/a": Answer.to("/b", 301), "/b": Answer.to("c", 307), "/c": Answer("끝")}
        found = await got(own, "/a", tmp_path)
        assert (found.text, found.url) == ("끝", f"{own.address}/c")
        assert (await got(own, "/a", tmp_path)).from_cache


async def test_redirects_without_an_end_are_left(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/a"] = Answer.to("/a")
        with pytest.raises(Unreachable, match="5번"):
            await got(own, "/a", tmp_path)
        assert own.paths.count("/a") == 6


async def test_a_redirects_target_is_asked_of_robots_txt_too(tmp_path: Path) -> None:
    async with site() as own:
        own.pages |= {"/robots.txt": Answer("User-agent: *\nDisallow: /b"), "/a": Answer.to("/b")}
        with pytest.raises(Disallowed):
            await got(own, "/a", tmp_path)
        assert own.paths == ["/robots.txt", "/a"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://me:pw@a/"])
async def test_a_redirect_to_something_else_than_the_web_is_left(
    tmp_path: Path, target: str
) -> None:
    async with site() as own:
        own.pages["/a"] = Answer.to(target)
        with pytest.raises(Unreachable):
            await got(own, "/a", tmp_path)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.1.2.3", "172.16.0.1", "192.168.0.1",
        "169.254.169.254", "0.0.0.0", "224.0.1.1", "240.0.0.1", "100.64.0.1", "[fe80::1]",
        "[fd00::1]", "[ff02::1]",
    ],
)  # fmt: skip
async def test_a_private_address_is_not_asked(tmp_path: Path, host: str) -> None:
    async with site() as own:
        own.pages["/a"] = Answer("안")
        async with fetcher(tmp_path, Patience(), private=None) as one:
            for api in (True, False):
                with pytest.raises(PrivateAddress, match="사설"):
                    await one.get(f"http://{host}:{own.port}/a", api=api)
        assert own.asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
async def test_a_private_address_in_disguise_is_not_asked_either(tmp_path: Path, host: str) -> None:
    async with site() as own:
        own.pages["/a"] = Answer("안")
        async with fetcher(tmp_path, Patience(), private=None) as one:
            with pytest.raises(NotFetched):
                await one.get(f"http://{host}:{own.port}/a", api=True)
        assert own.asked == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_is_none(address: str) -> None:
    assert not is_private(address)


@pytest.mark.parametrize("inside", ["127.0.0.2", "localhost"])
async def test_a_redirect_to_a_private_address_is_not_followed(tmp_path: Path, inside: str) -> None:
    """127.0.0.1 counts as public here until it has answered."""
    outside = ["127.0.0.1"]

    def private(host: str) -> bool:
        return host not in outside and host != "localhost"

    async with site() as own:

        def leave(_: Any) -> Answer:
            outside.clear()
            return Answer.to(f"http://{inside}:{own.port}/in")

        own.pages |= {"/a": leave, "/in": Answer("안")}
        async with fetcher(tmp_path, Patience(), private=private) as one:
            with pytest.raises(PrivateAddress):
                await one.get(f"{own.address}/a")
        assert "/in" not in own.paths


async def test_ones_own_server_is_asked_where_the_operator_says_so(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/a"] = Answer("안")
        async with fetcher(tmp_path, Patience(), private=None, allow_local=True) as one:
            assert (await one.get(f"{own.address}/a")).text == "안"


@pytest.mark.parametrize("url", ["ftp://shop.example/", "shop.example", "", "http://", "http://["])
async def test_what_is_no_web_address_is_refused(tmp_path: Path, url: str) -> None:
    async with fetcher(tmp_path, Patience()) as one:
        with pytest.raises(InputRefused, match="http"):
            await one.get(url)


async def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    async with fetcher(tmp_path, Patience()) as one:
        with pytest.raises(InputRefused) as caught:
            await one.get("https://me:hidden@shop.example/")
    assert "hidden" not in str(caught.value)


# --- secrets --------------------------------------------------------------------------------------


async def test_a_secret_is_sent_whole_and_stands_in_no_file(tmp_path: Path) -> None:
    async with site() as own:
        own.pages["/api"] = Answer("{}")
        for query in ("", "?page=1"):
            found = await got(own, f"/api{query}", tmp_path, api=True, secret={"key": KEY})
            assert "secret" not in found.url
        assert [request.query["key"] for request in own.asked] == [KEY, KEY]
    files = list(tmp_path.iterdir())
    assert len(files) == 2
    assert not any(b"secret" in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    "wrong", [Answer(status=400), Answer(status=500), Answer(dropped=True), Answer.to("/api")]
)
async def test_no_error_repeats_a_secret(tmp_path: Path, wrong: Answer) -> None:
    async with site() as own:
        own.pages["/api"] = wrong
        with pytest.raises(InputRefused) as caught:
            await got(own, "/api", tmp_path, api=True, secret={"key": KEY}, retries=1)
    assert "secret" not in f"{caught.value!r} {caught.value}"
    assert caught.value.__cause__ is None


async def test_a_secret_is_not_carried_to_another_origin(tmp_path: Path) -> None:
    async with site() as own, site() as other:
        other.pages["/api"] = Answer("{}")
        own.pages["/plain"] = Answer.to(f"{other.address}/api")
        own.pages["/echo"] = Answer.to(f"/api?key={KEY}&also={KEY}")
        for path in ("/plain", "/echo"):
            with pytest.raises(Unreachable) as caught:
                await got(own, path, tmp_path, api=True, secret={"key": KEY})
            assert "secret" not in str(caught.value)
        assert other.asked == []


async def test_headers_are_not_carried_to_another_origin(tmp_path: Path) -> None:
    async with site() as own, site() as other:
        own.pages["/a"] = Answer.to(f"{other.address}/b")
        other.pages["/b"] = Answer("끝")
        assert (await got(own, "/a", tmp_path, headers={"X-Own": "1"})).text == "끝"
        assert own.asked[-1].headers["X-Own"] == "1"
        assert "X-Own" not in other.asked[-1].headers
