"""«나와 비슷한 사람들»: what people with the person's skin type choose."""

from bot.dialogue import evidence, texts
from bot.dialogue.model import (
    Bubble,
    Button,
    Dialogue,
    FindPeers,
    MeetingPeers,
    Menu,
    Open,
    PeersFound,
    Rows,
    ShowDetails,
    Turn,
)
from bot.dialogue.turns import TO_HOME, ask, back_to_cards, column, moved, profile_of, say

SURVEY = Button(texts.SURVEY_AGAIN, Open(Menu.SURVEY))


def show(dialogue: Dialogue) -> Turn:
    here, profile = moved(dialogue, MeetingPeers()), profile_of(dialogue)
    if profile.skin_type is None:
        rows: Rows = ((SURVEY,), *back_to_cards(here), (TO_HOME,))
        return say(here, Bubble(texts.PEERS_NEED_SKIN_TYPE, rows, replaces=True))
    return ask(here, lambda ticket: FindPeers(ticket, profile))


def found(dialogue: Dialogue, result: PeersFound) -> Turn:
    favourites = result.peers.favourites
    rows: Rows = (
        *column(Button(one.product.title, ShowDetails(one.product.id)) for one in favourites),
        *back_to_cards(dialogue),
        (Button(texts.FIND, Open(Menu.FIND)), TO_HOME),
    )
    return say(dialogue, Bubble(evidence.peers(result.peers), rows))
