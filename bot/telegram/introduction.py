"""Who the bot says it is, and which commands it offers where."""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from functools import partial

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    MenuButtonCommands,
)
from telegram.error import TelegramError

from bot.dialogue import texts

IN_GROUPS = "ingredient"
LANGUAGES = (None, "ko")
"""The bot introduces itself to everybody, and by name to who set Telegram to Korean."""

logger = logging.getLogger(__name__)
Lines = Collection[tuple[str, str]]
Saying = Callable[[], Awaitable[object]]


async def introduce(bot: Bot, admins: Collection[int]) -> None:
    """The commands, their menu, and who this is. A start does not fail over it: Telegram lets it
    be said only so often, and an admin who never wrote to the bot has no chat with it yet."""
    for what, say in _sayings(bot, admins):
        try:
            await say()
        except TelegramError as error:
            logger.warning("%s could not be set: %s", what, error.message)


def _sayings(bot: Bot, admins: Collection[int]) -> Iterator[tuple[str, Saying]]:
    for scope, lines, language in _commands(admins):
        commands = [BotCommand(name, line) for name, line in lines]
        saying = partial(bot.set_my_commands, commands, scope, language)
        yield f"the commands of the scope {scope.type}", saying
    for language in LANGUAGES:
        yield "the description", partial(bot.set_my_description, texts.DESCRIPTION, language)
        short = partial(bot.set_my_short_description, texts.SHORT_DESCRIPTION, language)
        yield "the short description", short
    yield "the menu", partial(bot.set_chat_menu_button, menu_button=MenuButtonCommands())


def _commands(admins: Collection[int]) -> Iterator[tuple[BotCommandScope, Lines, str | None]]:
    """In each scope the whole list: a narrower scope's takes the place of a wider one's."""
    yield BotCommandScopeDefault(), texts.COMMANDS, None
    for language in LANGUAGES:
        yield BotCommandScopeAllPrivateChats(), texts.COMMANDS, language
    group = tuple(line for line in texts.COMMANDS if line[0] == IN_GROUPS)
    yield BotCommandScopeAllGroupChats(), group, None
    for admin in sorted(admins):
        yield BotCommandScopeChat(admin), (*texts.COMMANDS, *texts.ADMIN_COMMANDS), None
