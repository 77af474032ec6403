"""Names of ingredients: exact ones, near ones, and what someone wants to avoid."""

from collections.abc import Iterable

import pytest

from engine.store.lexicon import READ_AT_MOST, Entry, Lexicon


def lexicon(*names: str | Entry) -> Lexicon:
    """Ids count from 1 in the order given."""
    return Lexicon(
        [
            Entry(number, name) if isinstance(name, str) else name
            for number, name in enumerate(names, start=1)
        ]
    )


def avoided(typed: str | Iterable[str], *names: str) -> list[str]:
    typed = [typed] if isinstance(typed, str) else typed
    return [names[number - 1] for number in sorted(lexicon(*names).avoided(typed))]


class TestExact:
    @pytest.mark.parametrize("typed", ["비타민 C", "비타민c", "아스코빅애씨드", "ascorbic acid"])
    def test_every_name_leads_to_the_ingredient(self, typed: str) -> None:
        vitamin = Entry(7, "아스코빅애씨드", inci="Ascorbic Acid", aliases=("비타민C",))
        assert lexicon("글리세린", vitamin).exact(typed) == 7

    def test_a_standard_name_comes_before_an_alias_and_an_alias_before_inci(self) -> None:
        names = lexicon(
            Entry(1, "가", inci="Same"), Entry(2, "나", aliases=("same", "다")), Entry(3, "다")
        )
        assert names.exact("다") == 3
        assert names.exact("SAME") == 2

    def test_names_that_differ_in_signs_alone_are_told_apart_as_written(self) -> None:
        names = lexicon("씨12-13알코올", "씨1-213알코올")
        assert (names.exact("씨12-13알코올"), names.exact("씨1-213알코올")) == (1, 2)

    def test_signs_alone_name_nothing(self) -> None:
        assert lexicon("글리세린", Entry(2, "판테놀", aliases=("-",))).exact(" - ") is None


class TestNear:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("나이아신아미드", "나이아신아마이드"),
            ("니아신아마이드", "나이아신아마이드"),
            ("히알루론산", "하이알루로닉애씨드"),
            ("아스코르빈산", "아스코빅애씨드"),
            ("부틸렌글리콜", "부틸렌글라이콜"),
            ("시클로펜타실록산", "사이클로펜타실록세인"),
            ("글리세릴", "글리세린"),
        ],
    )
    def test_a_slip_or_an_old_spelling_is_understood(self, typed: str, meant: str) -> None:
        names = ["나이아신아마이드", "하이알루로닉애씨드", "아스코빅애씨드", "부틸렌글라이콜",
                 "사이클로펜타실록세인", "글리세린", "판테놀", "정제수"]  # fmt: skip
        assert lexicon(*names).near(typed)[0] == meant

    def test_a_part_finds_the_names_that_begin_with_it(self) -> None:
        names = lexicon("정제수", "리퀴드세라마이드", "세라마이드엔피", "판테놀")
        assert names.near("세라마이드") == ("세라마이드엔피", "리퀴드세라마이드")

    def test_what_the_shop_uses_comes_first(self) -> None:
        names = lexicon(Entry(1, "병풀잎추출물"), Entry(2, "병풀꽃추출물", used=True))
        assert names.near("병풀")[0] == "병풀꽃추출물"

    def test_an_alias_leads_to_the_standard_name_once(self) -> None:
        names = lexicon(Entry(1, "토코페롤", inci="Tocopherol", aliases=("비타민E", "비타민이")))
        assert names.near("비타민") == ("토코페롤",)

    @pytest.mark.parametrize("typed", ["", "!?", "안녕하세요", "배고파요", "asdf", "ㅋㅋㅋ", "🙂"])
    def test_chatter_is_near_nothing(self, typed: str) -> None:
        assert lexicon("아연", "글리세린", "나이아신아마이드", "판테놀").near(typed) == ()

    def test_a_pasted_page_is_read_only_at_its_beginning(self) -> None:
        page = "글리세린" + " " * READ_AT_MOST + "판테놀" * 1_000_000
        assert lexicon("글리세린", "판테놀").near(page) == ("글리세린",)


class TestAvoided:
    def test_alcohol_means_the_drying_ones(self) -> None:
        names = (
            "에탄올",
            "변성알코올40-A",
            "아이소프로필알코올",
            "세틸알코올",
            "벤질알코올",
            "페녹시에탄올",
        )
        for typed in ("알코올", "알콜", "에탄올", "알코올 성분"):
            assert avoided(typed, *names) == ["에탄올", "변성알코올40-A", "아이소프로필알코올"]

    def test_oil_is_not_what_is_made_of_an_oil(self) -> None:
        names = "호호바씨오일", "피이지-40하이드로제네이티드캐스터오일", "오일그린애씨드"
        assert avoided("오일", *names) == ["호호바씨오일"]

    @pytest.mark.parametrize("typed", ["파라벤", "파라벤류", "파라벤 계열", "Paraben"])
    def test_a_group_may_be_called_a_kind(self, typed: str) -> None:
        assert avoided(typed, "메틸파라벤", "소듐프로필파라벤", "판테놀") == [
            "메틸파라벤",
            "소듐프로필파라벤",
        ]

    def test_fragrance_includes_the_allergens_that_a_label_names(self) -> None:
        assert avoided("향료", "향료", "리모넨", "리날룰", "판테놀") == ["향료", "리모넨", "리날룰"]

    def test_a_group_may_be_a_role(self) -> None:
        names = lexicon(Entry(1, "페녹시에탄올", roles=("용제", "보존제")), "판테놀")
        assert names.avoided(["방부제"]) == {1}

    def test_an_exact_name_takes_its_preparations_but_no_other_compound(self) -> None:
        names = (
            "녹차",
            "녹차추출물",
            "녹차씨오일",
            "녹차/병풀발효물",
            "나이아신",
            "나이아신아마이드",
        )
        assert avoided("녹차", *names) == ["녹차", "녹차추출물", "녹차씨오일"]
        assert avoided("나이아신", *names) == ["나이아신"]

    def test_an_everyday_name_takes_all_that_is_called_so(self) -> None:
        extract = Entry(1, "라벤더추출물", aliases=("라벤더",))
        assert lexicon(extract, "라벤더오일", "판테놀").avoided(["라벤더"]) == {1, 2}

    def test_a_part_of_two_syllables_is_enough_and_one_is_not(self) -> None:
        assert avoided("티트리", "티트리잎오일", "판테놀") == ["티트리잎오일"]
        assert avoided("티", "티트리잎오일") == []
        assert avoided("꿀", "꿀", "꿀풀추출물") == ["꿀"]

    def test_several_names_add_up_and_unknown_ones_add_nothing(self) -> None:
        assert avoided(["판테놀", "없는성분", ""], "판테놀", "글리세린") == ["판테놀"]


class TestNamedIn:
    @pytest.mark.parametrize(
        ("sentence", "named"),
        [
            ("페녹시에탄올이 나쁜가요?", (1,)),
            ("카보머랑 페녹시에탄올은 어떻게 달라요", (2, 1)),
            ("페녹시에탄올? 페녹시에탄올!", (1,)),
            ("1,2-헥산다이올은요?", (3,)),
            ("오일은 무거워요", ()),
            ("", ()),
        ],
    )
    def test_a_sentence_names_ingredients_particles_aside(
        self, sentence: str, named: tuple[int, ...]
    ) -> None:
        names = lexicon("페녹시에탄올", "카보머", "1,2-헥산다이올", "오일")
        assert names.named_in(sentence) == named
