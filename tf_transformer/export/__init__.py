"""Models for serving."""

from tf_transformer.export.ctranslate2 import export_ctranslate2
from tf_transformer.export.litert import export_litert
from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.onnx import export_onnx, save_onnx
from tf_transformer.export.openvino import export_openvino
from tf_transformer.export.saved_model import export_saved_model, kind_of, load_saved_model

__all__ = [
    "ModelCard",
    "export_ctranslate2",
    "export_litert",
    "export_onnx",
    "export_openvino",
    "export_saved_model",
    "kind_of",
    "load_saved_model",
    "save_onnx",
]
