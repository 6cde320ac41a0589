"""Methods by which the bot gets its updates."""

from __future__ import annotations

from typing import Any

from tests.fake_telegram.forms import Form
from tests.fake_telegram.lookups import Methods
from tests.fake_telegram.webhook import Webhook
from tests.fake_telegram.world import World

Json = dict[str, Any]


class Delivery:
    """``getUpdates`` and the webhook."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        self._updates = world.updates
        self._webhook = webhook

    @property
    def methods(self) -> Methods:
        """The handlers by method name."""
        return {
            "getUpdates": self.get_updates,
            "setWebhook": self.set_webhook,
            "deleteWebhook": self.delete_webhook,
            "getWebhookInfo": self.webhook_info,
        }

    async def get_updates(self, form: Form) -> list[Json]:
        """Long polling."""
        return await self._updates.get(
            form.number("offset"), form.number("limit", 100), form.seconds("timeout"),
            form.data("allowed_updates"),
        )  # fmt: skip

    async def set_webhook(self, form: Form) -> bool:
        """Pushing, from now on; without an address, no more."""
        settings: Json = {
            "secret_token": form.text("secret_token"), "max_connections": form.number("max_connections", 40)
        }  # fmt: skip
        await self._webhook.set(form.text("url"), settings)
        self._updates.allow(form.data("allowed_updates"))
        self._drop(form)
        return True

    async def delete_webhook(self, form: Form) -> bool:
        """No more pushing."""
        await self._webhook.set("", {})
        self._drop(form)
        return True

    async def webhook_info(self, _form: Form) -> Json:
        """How the pushing goes."""
        return self._webhook.info

    def _drop(self, form: Form) -> None:
        if form.flag("drop_pending_updates"):
            self._updates.drop_all()
