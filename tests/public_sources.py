"""Public sources in their documented forms, on a local site. All texts are our own."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tests.site import Answer, Request, Site

NAVER_ID, NAVER_SECRET = "own-client-id-7351", "own-client-secret-9204"
PORTAL_KEY = "aB3+own/Portal/Key+for==the=tests8"
SEARCH = "/v1/search/kin.json"
PAGE = "/qna/detail.naver"
PORTAL = "/1471000"
CPNT = f"{PORTAL}/CsmtcsIngdCpntInfoService01/getCsmtcsIngdCpntInfoService01"
RSTRC = f"{PORTAL}/CsmtcsUseRstrcInfoService/getCsmtcsUseRstrcInfoService"


def naver_wrong(code: str, status: int) -> Answer:
    return Answer.json({"errorMessage": f"error {code}", "errorCode": code}, status)


def gateway_wrong(code: str, name: str) -> Answer:
    """As the public data portal's gateway says it: in XML, and all is well by its status."""
    return Answer(
        "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
        f"<returnAuthMsg>{name}</returnAuthMsg><returnReasonCode>{code}</returnReasonCode>"
        "</cmmMsgHeader></OpenAPI_ServiceResponse>",
        kind="text/xml;charset=utf-8",
    )


def knowledge(
    site: Site, questions: dict[str, str], per_query: Sequence[str] | None = None
) -> None:
    """The search API and a page for each question; `questions`: docId → page."""
    found = list(per_query if per_query is not None else questions)

    def searched(request: Request) -> Answer:
        if request.headers.get("X-Naver-Client-Secret") != NAVER_SECRET:
            return naver_wrong("024", 401)
        start, display = int(request.query["start"]), int(request.query["display"])
        assert 1 <= start <= 1000
        assert 1 <= display <= 100
        items = [
            {
                "title": "<b>지성</b> 피부 &quot;질문&quot;",
                "link": f"{site.address}{PAGE}?d1id=8&dirId=80301&docId={doc}"
                f"&qb={request.query['query']}&enc=utf8&rank={rank}",
                "description": "질문의 <b>앞부분</b> ...",
            }
            for rank, doc in enumerate(found[start - 1 : start - 1 + display], start)
        ]
        told = {"lastBuildDate": "Sun, 22 Nov 2026 20:00:00 +0900", "total": len(found)}
        return Answer.json(told | {"start": start, "display": len(items), "items": items})

    def page(request: Request) -> Answer:
        doc = request.query["docId"]
        return Answer(questions[doc]) if questions.get(doc) else Answer(status=404)

    site.pages[SEARCH] = searched
    site.pages[PAGE] = page


def question(title: str, body: str, answers: Iterable[str], accepted: int | None = 0) -> str:
    """A page as it looked in 2026: the classes of its boxes, not its texts."""
    boxes = "".join(
        f'<div id="answer_{n}" class="answer _contentWrap _answer"><div class="adoptCheck">'
        + ('<span class="badge">질문자 채택</span>' if n - 1 == accepted else "")
        + '</div><a href="#"><span class="blind">번째 답변</span></a><strong>별빛나그네</strong>'
        f'<p>채택답변수 12 채택률 90%</p><div class="answerDetail"><div class="se-main-container">'
        f"{text}</div></div></div>"
        for n, text in enumerate(answers, 1)
    )
    return (
        "<!doctype html><meta charset=utf-8><title>지식iN</title>"
        f'<div class="endTitleSection"><span class="blind">질문</span>{title}</div>'
        f'<div class="questionDetail">{body}<script>var hidden = 1;</script></div>'
        f'<div class="_answerList">{boxes}</div>'
    )


def old_question(title: str, body: str, answers: Iterable[str], accepted: int) -> str:
    """As it looked in 2023."""
    boxes = "".join(
        f'<div id="answer_{n}" class="answer-content__item _contentWrap _answer">'
        + ("<p>질문자가 채택한 답변입니다.</p>" if n - 1 == accepted else "")
        + '<div class="_endContents c-heading-answer__content">'
        f'<div class="_endContentsText c-heading-answer__content-user">{text}</div></div></div>'
        for n, text in enumerate(answers, 1)
    )
    return (
        '<div class="c-heading"><span class="blind">질문</span><div class="c-heading__title">'
        f'<div class="title">{title}</div></div><div class="c-heading__content">{body}</div></div>'
        f'<div class="_answerList">{boxes}</div>'
    )


def portal(site: Site, ingredients: Sequence[Any], restricted: Sequence[Any]) -> None:
    """The two services, `numOfRows` a page."""

    def listed(rows: Sequence[Any]) -> Any:
        def answer(request: Request) -> Answer:
            if request.query.get("serviceKey") != PORTAL_KEY:
                return gateway_wrong("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR")
            assert request.query["type"] == "json"
            page, size = int(request.query["pageNo"]), int(request.query["numOfRows"])
            items = list(rows[(page - 1) * size : page * size])
            body = {"pageNo": page, "totalCount": len(rows), "numOfRows": size, "items": items}
            header = {"resultCode": "00", "resultMsg": "NORMAL SERVICE."}
            return Answer.json({"header": header, "body": body})

        return answer

    site.pages[CPNT] = listed(ingredients)
    site.pages[RSTRC] = listed(restricted)


def ingredient(name: str, **told: str | None) -> dict[str, str | None]:
    row: dict[str, str | None] = {
        "INGR_KOR_NAME": name,
        "INGR_ENG_NAME": None,
        "CAS_NO": None,
        "ORIGIN_MAJOR_KOR_NAME": None,
        "INGR_SYNONYM": None,
    }
    return row | told


def restriction(name: str, country: str, **told: str | None) -> dict[str, str | None]:
    row: dict[str, str | None] = {
        "REGULATE_TYPE": "제한",
        "INGR_STD_NAME": name,
        "INGR_ENG_NAME": None,
        "CAS_NO": None,
        "INGR_SYNONYM": None,
        "COUNTRY_NAME": country,
        "NOTICE_INGR_NAME": None,
        "PROVIS_ATRCL": None,
        "LIMIT_COND": None,
    }
    return row | told


def twice(site: Site) -> set[str]:
    """What was asked more than once, robots.txt and answers that never came aside."""
    asked = [re.sub(r"[?&]serviceKey=[^&]*", "", request.what) for request in site.asked]
    return {what for what in asked if asked.count(what) > 1 and what != "/robots.txt"}
