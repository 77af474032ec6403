import gzip

import pytest

from ingest.errors import InputRefused
from ingest.sources import sitemap
from ingest.sources.fetching import Fetched

URLS = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc> https://a.example/1'
    "</loc><image:image><image:loc>https://a.example/1.jpg</image:loc></image:image></url>"
    "<url><loc>mailto:a</loc></url></urlset>"
)


def read(body: str | bytes) -> tuple[bool, list[str]]:
    raw = body.encode() if isinstance(body, str) else body
    return sitemap.parsed(Fetched("https://a.example/sitemap.xml", 200, "", raw))


def test_addresses_of_pages_are_read_and_those_of_pictures_are_not():
    assert read(URLS) == (False, ["https://a.example/1"])


def test_an_index_is_told_from_a_list():
    assert read(
        "<sitemapindex><sitemap><loc>https://a.example/s</loc></sitemap></sitemapindex>"
    ) == (
        True,
        ["https://a.example/s"],
    )


def test_a_packed_one_is_unpacked():
    assert read(gzip.compress(URLS.encode())) == read(URLS)


def test_one_of_plain_lines_is_read():
    assert read("\ufeffhttps://a.example/1\nhttps://a.example/2\n")[1] == [
        "https://a.example/1",
        "https://a.example/2",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<urlset><url>",
        "<html></html>",
        '<!DOCTYPE a [<!ENTITY b "c">]><urlset><url><loc>&b;</loc></url></urlset>',
        b"\x1f\x8bbroken",
    ],
)
def test_what_is_no_sitemap_is_refused_in_a_sentence(body: str | bytes):
    with pytest.raises(InputRefused, match=r"a\.example/sitemap\.xml: .*요\."):
        read(body)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sitemap, "UNPACKED_AT_MOST", 1000)
    with pytest.raises(InputRefused, match="너무 커요"):
        read(gzip.compress(b"https://a.example/ " * 1000))
