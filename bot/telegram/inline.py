"""Inline mode: `@bot 수분크림` in any chat finds products to send there.

Nothing here is a dialogue, and nobody who asks is remembered: Telegram may show one person's
answer to whoever asks the same.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
)
from telegram.error import BadRequest
from telegram.helpers import create_deep_linked_url

from bot.dialogue import texts
from bot.dialogue.arriving import product_payload
from bot.dialogue.model import ProductsFound, Request, Result, SearchProducts
from engine.domain import Page, Product
from engine.errors import EngineError

RESULTS: Final = 20
"""A page; Telegram takes 50."""
PAGES_AT_MOST: Final = 50
CACHE_SECONDS: Final = 60
CAMPAIGN: Final = "c_inline"
"""What the button above an empty list counts as."""
NOTHING: Final[Page[Product]] = Page((), 1, 1, 0)

logger = logging.getLogger(__name__)

Ask = Callable[[Request], Awaitable[Result]]
Address = Callable[[Product], str | None]
"""Where the product's picture stands for everybody to see."""


class InlineSearch:
    def __init__(self, ask: Ask, picture: Address) -> None:
        self._ask = ask
        self._picture = picture

    async def answer(self, bot: Bot, query: InlineQuery) -> None:
        """A query that Telegram waits for no longer is left alone."""
        number = _number(query.offset)
        found = await self._found(query.query.strip(), number)
        cards = [] if found.number < number else found.items  # past the end
        consult = InlineQueryResultsButton(texts.CONSULT_FAIRY, start_parameter=CAMPAIGN)
        try:
            await bot.answer_inline_query(
                query.id,
                [self._article(bot, product) for product in cards],
                cache_time=CACHE_SECONDS if found.total else 0,
                is_personal=False,
                next_offset=str(number + 1) if number < found.pages else "",
                button=None if found.total else consult,
            )
        except BadRequest as error:
            logger.info("an inline query is not answered: %s", error.message)

    async def _found(self, text: str, number: int) -> Page[Product]:
        """Nothing where the catalogue cannot be asked: the button still leads to the bot."""
        try:
            result = await self._ask(SearchProducts(0, text, number, RESULTS))
        except EngineError as error:
            logger.warning("an inline query finds nothing: %s", error)
            return NOTHING
        return result.page if isinstance(result, ProductsFound) else NOTHING

    def _article(self, bot: Bot, product: Product) -> InlineQueryResultArticle:
        picture, facts = self._picture(product), texts.facts(product)
        link = create_deep_linked_url(bot.username, product_payload(product.id))
        return InlineQueryResultArticle(
            id=str(product.id),
            title=product.title,
            description=facts,
            input_message_content=InputTextMessageContent(
                f"{product.title}\n{facts}", link_preview_options=_preview(picture)
            ),
            reply_markup=InlineKeyboardMarkup.from_button(
                InlineKeyboardButton(texts.ASK_FAIRY, url=link)
            ),
            thumbnail_url=picture,
        )


def chosen_product(message: Message) -> str | None:
    """The link's payload where the message is one of these, sent to the bot itself: it then means
    what its button means."""
    if message.via_bot is None or message.reply_markup is None:
        return None
    if message.via_bot.id != message.get_bot().id:  # another bot's buttons
        return None
    links = [button.url for row in message.reply_markup.inline_keyboard for button in row]
    payloads = (link.partition("?start=")[2] for link in links if isinstance(link, str))
    return next(filter(None, payloads), None)


def _preview(picture: str | None) -> LinkPreviewOptions:
    """The picture under the text, though its address does not stand there."""
    if picture is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(url=picture, prefer_large_media=True)


def _number(offset: str) -> int:
    """The page that the offset names; the first where it names none."""
    if not (offset.isascii() and offset.isdigit()) or len(offset) > 4:
        return 1
    return min(max(int(offset), 1), PAGES_AT_MOST)
