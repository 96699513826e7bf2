"""What a YAML file for Ray Serve says of the application."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tf_transformer.errors import require, suggest
from tf_transformer.serving.limits import Limits, read_token


@dataclasses.dataclass(frozen=True)
class RayOptions:
    """What a YAML file may say of the application, under `args`.

    Args:
        model_dir: directory of the model, the same on all machines.
        page_dir: folder of a page that `/` shows, on all machines. Defaults to the folder `page` in
            `model_dir`, as soon as it is there.
        token_file: file with a token that clients must send. Defaults to none.
        max_batch_rows: most rows of a batch of several requests. Defaults to 64.
        max_waiting_rows: most rows that may wait in a replica. Defaults to 1,000.
        poll_seconds: seconds between two looks at `model_dir`. Defaults to 2.
        log_texts: whether the log has the texts. Defaults to `False`.
        max_rows: as of `Limits`, and so are the others. Defaults to 1,000.
        max_text_bytes: defaults to 65,536.
        max_body_bytes: defaults to 4 MiB.
        timeout: defaults to 30.

    Example:
        ```python
        from tf_transformer.serving.ray_options import RayOptions

        options = RayOptions.of({"model_dir": "saved_models/pt_en", "timeout": 5})
        options.limits.timeout  # 5
        ```
    """

    model_dir: str
    page_dir: str | None = None
    token_file: str | None = None
    max_batch_rows: int = 64
    max_waiting_rows: int = 1_000
    poll_seconds: float = 2.0
    log_texts: bool = False
    max_rows: int = Limits.max_rows
    max_text_bytes: int = Limits.max_text_bytes
    max_body_bytes: int = Limits.max_body_bytes
    timeout: float = Limits.timeout

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> RayOptions:
        """Return the options that a YAML file has.

        Args:
            args: its `args`.

        Raises:
            UserError: if there is no such option, or no `model_dir`.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        for name in args:
            require(name in known, f"args: there is no {name!r}: {suggest(name, known)}")
        require("model_dir" in args, "args: model_dir is missing: name the model's directory.")
        return cls(**args)

    @property
    def limits(self) -> Limits:
        """What a request may ask for.

        Raises:
            UserError: if one of the limits or the token is not possible.
        """
        names = (field.name for field in dataclasses.fields(Limits) if field.name != "token")
        given = {name: getattr(self, name) for name in names}
        return Limits(**given, token=read_token(self.token_file))
