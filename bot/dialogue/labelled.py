"""A photographed label, read like a typed list. Of the photo nothing is kept: while it is read,
only what the channel calls it, and the scene stays as it is until there is a list."""

from dataclasses import replace

from bot.dialogue import ingredients, texts
from bot.dialogue.model import AnalyseFormula, Bubble, Dialogue, FormulaAnalysed, ReadLabel, Turn
from bot.dialogue.turns import ask, preceded, profile_of


def read(dialogue: Dialogue, file: str) -> Turn:
    avoided = profile_of(dialogue).unwanted
    return ask(dialogue, lambda ticket: ReadLabel(ticket, file, avoided))


def again(dialogue: Dialogue, asked: ReadLabel) -> Turn:
    """The same photo, as after a restart."""
    return ask(dialogue, lambda ticket: replace(asked, ticket=ticket))


def analysed(dialogue: Dialogue, result: FormulaAnalysed) -> Turn:
    """The list, after a word about where it is from: letters of a photo may be misread."""
    read = Bubble(texts.label_read(len(result.reading.known)))
    listed = ingredients.analysed(dialogue, AnalyseFormula(result.ticket, ()), result)
    return preceded(listed, read)
