"""A base of two layers, made at random, with a tokenizer of a few Korean sentences."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, PreTrainedTokenizerFast

from engine.generation.prompts import Message
from training.rows import Conversation, Preference

TEMPLATE = (
    "{{- bos_token -}}{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}{{- '상담사:\\n' -}}{%- generation -%}"
    "{{- message['content'] | trim + eos_token -}}{%- endgeneration -%}{{- '\\n' -}}"
    "{%- else -%}{{- '손님:\\n' + message['content'] | trim + '\\n' -}}{%- endif -%}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{- '상담사:\\n' -}}{%- endif -%}"
)
TALKS = [
    ("건성인데 크림 하나만 골라 주세요.", "보습이 오래가는 크림이 잘 맞아요 [1]."),
    ("이 토너 끈적이나요?", "가볍게 스며든다는 후기가 많아요 [1]."),
    ("나이아신아마이드는 뭐예요?", "피지와 피부 톤을 돌보는 성분이에요 [1]."),
    ("여드름이 아파요.", "아프면 피부과 진료를 먼저 받아 보세요."),
]


def made_base(folder: Path) -> Path:
    torch.manual_seed(0)
    words = _tokenizer()
    words.save_pretrained(folder)
    told = Gemma3TextConfig(
        vocab_size=len(words),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        sliding_window=32,
        max_position_embeddings=512,
        pad_token_id=words.pad_token_id,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
    )
    Gemma3ForCausalLM(told).save_pretrained(folder)
    return folder


def _tokenizer() -> Any:
    trained = Tokenizer(BPE())
    trained.pre_tokenizer = ByteLevel(add_prefix_space=False)
    trained.decoder = ByteDecoder()
    sentences = [sentence for talk in TALKS for sentence in talk]
    trained.train_from_iterator(
        [*sentences, "손님:\n상담사:\n"],
        BpeTrainer(
            vocab_size=400,
            special_tokens=["<pad>", "<eos>", "<bos>"],
            initial_alphabet=ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=trained,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        chat_template=TEMPLATE,
    )


def conversation(number: int, question: str, answer: str) -> Conversation:
    said = (Message("user", question), Message("assistant", answer))
    return Conversation(f"c{number}", f"f{number}", "consultations", said)


def preference(number: int, question: str, answer: str) -> Preference:
    prompt = (Message("user", question),)
    worse = "달무리 크림이 최고예요. 100% 만족해요."
    return Preference(f"p{number}", f"f{number}", "consultations", prompt, answer, worse, "product")


def manifest(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return read
