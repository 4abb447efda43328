#!/usr/bin/env python3
"""MiniLM as ONNX, for onnxruntime: float32, and its dynamic int8 (per tensor).

    python export_onnx.py MODEL_FOLDER OUT
"""
import os
import sys

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

folder, out = sys.argv[1:]
model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()


class LastHiddenState(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask).last_hidden_state


os.makedirs(out, exist_ok=True)
ids = torch.randint(1000, 2000, (2, 16))
batch, length = torch.export.Dim("batch", min=1, max=1024), torch.export.Dim("length", min=2, max=512)
shapes = {0: batch, 1: length}
program = torch.onnx.export(
    LastHiddenState(), (ids, torch.ones_like(ids)), input_names=["ids", "mask"], output_names=["hidden"],
    dynamo=True, dynamic_shapes={"ids": shapes, "mask": shapes}, optimize=True)
float32, int8 = os.path.join(out, "minilm.onnx"), os.path.join(out, "minilm-int8.onnx")
program.save(float32, external_data=False)
quantize_dynamic(float32, int8, weight_type=QuantType.QInt8)
