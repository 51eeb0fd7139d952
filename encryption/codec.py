"""What happens to every payload between our models and Temporal."""

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)

from encryption.pseudonyms import Pseudonyms


class Layers(PayloadCodec, WithSerializationContext):
    """Codecs around each other, the innermost first."""

    def __init__(
        self, codecs: Sequence[PayloadCodec], pseudonyms: Pseudonyms | None = None
    ) -> None:
        self._codecs = tuple(codecs)
        self.pseudonyms = pseudonyms

    def with_context(self, context: SerializationContext) -> "Layers":
        """Return the codecs of one run."""
        return Layers(
            [
                codec.with_context(context)
                if isinstance(codec, WithSerializationContext)
                else codec
                for codec in self._codecs
            ],
            self.pseudonyms,
        )

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they go to Temporal."""
        encoded = list(payloads)
        for codec in self._codecs:
            encoded = await codec.encode(encoded)
        return encoded

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as our models read them."""
        decoded = list(payloads)
        for codec in reversed(self._codecs):
            decoded = await codec.decode(decoded)
        return decoded


def pseudonyms_of(converter: DataConverter) -> Pseudonyms | None:
    """Return what stands for names in search attributes; None if payloads are not encrypted."""
    codec = converter.payload_codec
    return codec.pseudonyms if isinstance(codec, Layers) else None
