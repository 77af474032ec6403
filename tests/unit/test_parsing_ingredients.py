import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parsing.ingredients import ingredient_names, listed_names

PIECES = [
    *(
        "정제수",
        "글리세린",
        "1,2-헥산다이올",
        "세테아레스-20",
        "폴리(1,2-부탄다이올)-6",
        "N,N-비스",
    ),
    *(",", ", ", "\n", "·", " · ", "/", " / ", ".", ". ", ";", ":", "*", "(", ")", "[", "]", " "),
    *("(10%)", "(770,000ppm)", " 5%", "[세럼] ", "(연꽃/차나무)잎추출물", "향료(리모넨, 리날룰)"),
    *("① ", "②크림: ", "■ 크림\n", "2) 크림: ", "[크림]", "글 리 세 린", "1.2-"),
    *(" *유기농", "해당없음", "■"),
    *("※ 안내", "전성분: ", "1", "2-", "-", "'", "용액(30%)", "등", "²"),
]
messy_labels = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES)).map("".join))


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("정제수, 글리세린, 판테놀", ("정제수", "글리세린", "판테놀")),
        ("정제수,1,2-헥산다이올,판테놀", ("정제수", "1,2-헥산다이올", "판테놀")),
        ("1, 2-헥산다이올, 판테놀", ("1,2-헥산다이올", "판테놀")),
        ("세테아레스-20,1,2-헥산다이올", ("세테아레스-20", "1,2-헥산다이올")),
        ("폴리쿼터늄-10,글리세린", ("폴리쿼터늄-10", "글리세린")),
        ("정제수, 트라이메틸-1,3-펜탄다이올", ("정제수", "트라이메틸-1,3-펜탄다이올")),
        ("글리세린(10%), 약모밀추출물(770,000ppm)", ("글리세린", "약모밀추출물")),
        ("글리세린 10 %, 판테놀5.5%", ("글리세린", "판테놀")),
        ("정제수(70%,글리세린", ("정제수", "글리세린")),
        ("[세럼] 정제수, 글리세린 [크림] 정제수, 판테놀", ("정제수", "글리세린", "판테놀")),
        ("[세럼]\n정제수, 글리세린\n[크림]\n판테놀", ("정제수", "글리세린", "판테놀")),
        ("[세럼]정제수,글리세린[크림]정제수,판테놀", ("정제수", "글리세린", "판테놀")),
        ("①세럼: 정제수, 글리세린 ②크림: 정제수, 판테놀", ("정제수", "글리세린", "판테놀")),
        ("1) 세럼 : 정제수, 글리세린 2) 크림 : 판테놀", ("정제수", "글리세린", "판테놀")),
        ("■ 세럼\n정제수, 글리세린\n■ 크림\n판테놀", ("정제수", "글리세린", "판테놀")),
        ("■정제수\n■글리세린", ("정제수", "글리세린")),
        ("정제수, 티트리잎수 *유기농", ("정제수", "티트리잎수")),
        ("정제수, *병풀추출물(유기농 인증), 판테놀", ("정제수", "병풀추출물", "판테놀")),
        ("정 제 수, 글 리 세 린", ("정제수", "글리세린")),
        ("정제수, 1.2-헥산다이올", ("정제수", "1,2-헥산다이올")),
        ("상세페이지 참조", ()),
        ("해당 없음", ()),
        ("전성분: 정제수. 글리세린. 판테놀.", ("정제수", "글리세린", "판테놀")),
        ("정제수\n글리세린\n판테놀", ("정제수", "글리세린", "판테놀")),
        ("정제수, 부틸렌\n글라이콜, 판테놀", ("정제수", "부틸렌글라이콜", "판테놀")),
        ("정제수·글리세린·판테놀", ("정제수", "글리세린", "판테놀")),
        ("태움·용융소금, 정제수", ("태움·용융소금", "정제수")),
        ("효모/흑미발효여과물, 정제수", ("효모/흑미발효여과물", "정제수")),
        ("정제수 / 글리세린", ("정제수", "글리세린")),
        ("정제수*, 글리세린**, 판테놀\n*유기농 원료", ("정제수", "글리세린", "판테놀")),
        ("나이아신아마이드(미백 기능성), 정제수", ("나이아신아마이드", "정제수")),
        ("향료(리모넨, 리날룰)", ("향료", "리모넨", "리날룰")),
        ("(연꽃/차나무)잎추출물", ("(연꽃/차나무)잎추출물",)),
        ("정제수, 글리세린, 정제수", ("정제수", "글리세린")),
        ("Water, 1,2-Hexanediol, CI 77491.", ("Water", "1,2-Hexanediol", "CI 77491")),
        ("", ()),
        (" , .,· 12, ", ()),
    ],
)
def test_a_label_becomes_names_in_order(raw: str, names: tuple[str, ...]) -> None:
    assert ingredient_names(raw) == names


@settings(deadline=None)
@given(messy_labels)
def test_names_read_again_are_the_same_names(raw: str) -> None:
    names = ingredient_names(raw)
    assert ingredient_names(", ".join(names)) == names


@settings(deadline=None)
@given(messy_labels)
def test_names_are_distinct_and_say_something(raw: str) -> None:
    names = ingredient_names(raw)
    assert len(set(names)) == len(names)
    assert all(name.strip() == name and any(c.isalpha() for c in name) for name in names)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("정제수, 글리세린, 판테놀", ("정제수", "글리세린", "판테놀")),
        ("정제수\n글리세린\n향료", ("정제수", "글리세린", "향료")),
        (
            "전성분: 정제수, 1,2-헥산다이올, 병풀 추출물",
            ("정제수", "1,2-헥산다이올", "병풀 추출물"),
        ),
        (
            "Water, Butylene Glycol, Centella Asiatica Leaf Water.",
            ("Water", "Butylene Glycol", "Centella Asiatica Leaf Water"),
        ),
        ("정제수, 글리세린, 소다, 인디고", ("정제수", "글리세린", "소다", "인디고")),
    ],
)
def test_three_names_or_more_are_a_list(text: str, names: tuple[str, ...]) -> None:
    assert listed_names(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "정제수, 글리세린",
        "정제수",
        "안녕하세요, 건성인데, 크림 있어요?",
        "정제수, 글리세린, 향료 괜찮아요?",
        "건성이고, 홍조가 있고, 크림 찾아요",
        "크림, 토너, 로션 추천해줘",
        "나이아신아마이드, 레티놀, 비타민씨 같이 써도 되는지 궁금합니다.",
        "20대, 여자, 봄에 쓰기 좋은 크림",
        "",
    ],
)
def test_a_sentence_with_commas_is_no_list(text: str) -> None:
    assert listed_names(text) == ()
