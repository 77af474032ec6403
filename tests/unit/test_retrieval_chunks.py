"""Pieces of documents that fit an embedder, and the shop's own answers as documents."""

from langchain_core.documents import Document

from engine.domain import DocumentKind, Passage
from engine.generation.facts import faq_facts
from engine.retrieval.chunks import PIECE_AT_MOST, PIECES_AT_MOST, pieces_of, shortened
from engine.retrieval.documents import documents
from tests.unit.test_retrieval import INGREDIENTS, PRODUCTS, REVIEWS

SENTENCES = [f"{number}번째 문장은 물을 끌어당기는 성분을 말해요." for number in range(40)]


def gist(text: str, title: str = "글리세린") -> Document:
    return Document(id="x", page_content="", metadata={"title": title, "gist": text})


def test_a_short_gist_is_one_piece():
    assert pieces_of(gist("글리세린. 물을 끌어당겨요.")) == ["글리세린. 물을 끌어당겨요."]


def test_a_long_one_is_split_between_sentences_and_nothing_is_lost():
    pieces = pieces_of(gist(" ".join(SENTENCES)))
    assert all(len(piece) <= PIECE_AT_MOST for piece in pieces)
    assert all(piece.startswith("글리세린. ") for piece in pieces[1:])
    whole = " ".join([pieces[0], *(piece.removeprefix("글리세린. ") for piece in pieces[1:])])
    assert whole == " ".join(SENTENCES)


def test_a_sentence_that_is_too_long_itself_is_cut():
    pieces = pieces_of(gist("가" * 700))
    assert all(len(piece) <= PIECE_AT_MOST for piece in pieces)
    assert sum(piece.count("가") for piece in pieces) == 700


def test_no_document_brings_more_pieces_than_so_many_and_none_brings_none():
    assert len(pieces_of(gist(" ".join(SENTENCES * 20)))) == PIECES_AT_MOST
    assert pieces_of(gist("")) == ["글리세린"]


def test_a_definition_is_shortened_to_whole_sentences():
    told = shortened(" ".join(SENTENCES))
    assert len(told) <= PIECE_AT_MOST
    assert told.endswith("말해요.")
    assert shortened("짧아요.") == "짧아요."
    long = INGREDIENTS.assign(definition=[" ".join(SENTENCES), "", ""])
    found = {one.id: one for one in documents(PRODUCTS, long, REVIEWS)}
    assert f"설명: {told}" in found["ingredient:글리세린"].page_content.split("\n")


def test_the_shops_answers_are_documents_by_their_number():
    pairs = [("배송은 얼마나 걸려요?", "사흘 안에 도착해요."), ("선물 포장 되나요?", "네, 돼요.")]
    *_, second = documents(PRODUCTS.head(0), INGREDIENTS.head(0), REVIEWS.head(0), pairs)
    assert second.id == "faq:2"
    assert second.metadata["title"] == "선물 포장 되나요?"
    assert pieces_of(second) == ["선물 포장 되나요?", "선물 포장 되나요? 네, 돼요."]
    passage = Passage(DocumentKind.FAQ, "2", "선물 포장 되나요?", second.page_content, 0.5)
    assert faq_facts(passage).answer == "네, 돼요."
