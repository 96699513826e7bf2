"""What a server tells of its model: the states of its versions, and its signatures."""

from __future__ import annotations

from typing import Any

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.metrics import Call
from tf_transformer.serving.service import Service
from tf_transformer.serving.versions import Model, Status


def find_statuses(
    service: Service, call: Call, model: str, version: int | None, label: str | None
) -> list[Status]:
    """Return the states of a model's versions, newest first.

    Raises:
        Failure: if there is no such model, version or label.
    """
    if model != service.versions.name:
        sought = "any versions" if version is None else f"version {version}"
        raise Failure("NOT_FOUND", f"Could not find {sought} of model {model}")
    call.model, call.version = model, version
    return service.versions.statuses(version, label)


def statuses_of(
    service: Service, call: Call, model: str, version: int | None, label: str | None
) -> dict[str, Any]:
    """Return the states of a model's versions, as REST tells them: see `find_statuses`."""
    found = find_statuses(service, call, model, version, label)
    return {
        "model_version_status": [
            {
                "version": str(status.version),
                "state": status.state,
                "status": {"error_code": status.code, "error_message": status.message},
            }
            for status in found
        ]
    }


def metadata_of(call: Call, model: Model) -> dict[str, Any]:
    """Return the signatures of a version, as REST tells them."""
    spec = {"name": call.model, "signature_name": "", "version": str(call.version)}
    signatures = {name: _as_json(each) for name, each in model.signature_defs.items()}
    return {
        "model_spec": spec,
        "metadata": {"signature_def": {"signature_def": signatures}},
    }


def _as_json(signature_def: Any) -> dict[str, Any]:
    from google.protobuf import json_format

    return json_format.MessageToDict(
        signature_def,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
