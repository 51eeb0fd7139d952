"""What happens to every payload between our models and Temporal."""

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec, SerializationContext, WithSerializationContext


class Layers(PayloadCodec, WithSerializationContext):
    """Codecs around each other, the innermost first."""

    def __init__(self, codecs: Sequence[PayloadCodec]) -> None:
        self._codecs = tuple(codecs)

    def with_context(self, context: SerializationContext) -> "Layers":
        """Return the codecs of one run."""
        return Layers(
            [
                codec.with_context(context)
                if isinstance(codec, WithSerializationContext)
                else codec
                for codec in self._codecs
            ]
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
