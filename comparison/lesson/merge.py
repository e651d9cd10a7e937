"""Merge what targets did, so that a lesson shows once what is the same.

Texts are the same if they differ only in the framework's name, `async` and `await`. The
merged text has all names, as in "Flask/Quart", and marks a word that only some have: ‹await›.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct

from .facts import OF_A_FRAMEWORK, neutral
from .model import Answer, Moment, Part

T = TypeVar("T")

_FLAGGED = 3  # one row in so many may be one of only some targets


def merge_texts(texts: Sequence[str], join: str = "/") -> str | None:
    """Return one text for several; None if they differ in more than the framework.

    >>> merge_texts(["Flask catches it", "Quart catches it"])
    'Flask/Quart catches it'
    >>> merge_texts(["return page()", "return await page()"])
    'return ‹await› page()'
    """
    if len(set(texts)) == 1:
        return texts[0]
    if len({neutral(text) for text in texts}) != 1:
        return None
    parts = [_parts(text) for text in texts]
    plain = parts[0][0]
    out, end = [], 0
    for place in sorted({place for _, words in parts for place in words}):
        out.append(plain[end:place])
        end = place
        added = [words.get(place, ("", "")) for _, words in parts]
        own = list(dict.fromkeys(word for word, _ in added if word))
        every = all(word for word, _ in added)
        out += own if every else [_marked(word) for word in own]
        names = list(dict.fromkeys(name for _, name in added if name))
        out.append(join.join(names))
    return "".join([*out, plain[end:]])


def _marked(word: str) -> str:
    bare = word.rstrip()
    return f"‹{bare}›{word[len(bare) :]}"


def _parts(text: str) -> tuple[str, dict[int, tuple[str, str]]]:
    """Take the words of a framework out of a text, and return their places in it."""
    plain, end, words = "", 0, dict[int, tuple[str, str]]()
    for found in OF_A_FRAMEWORK.finditer(text):
        plain += text[end : found.start()]
        end = found.end()
        keyword, name = words.get(len(plain), ("", ""))
        if found[0].startswith(("async", "await")):
            keyword += found[0]
        else:
            name = found[0]
        words[len(plain)] = (keyword, name)
    return plain + text[end:], words


def merge(values: Sequence[T], join: str = "/") -> T | None:
    """Return one value for several, merged part by part; None if they differ."""
    one: Any = values[0]
    merged: Any = None
    if all(value == one for value in values):
        merged = one
    elif isinstance(one, str):
        merged = merge_texts([str(value) for value in values], join)
    elif isinstance(one, tuple):
        merged = _merge_tuples(values, join)
    elif isinstance(one, dict):
        merged = _merge_dicts(values, join)
    elif isinstance(one, Struct):
        merged = _merge_structs(values, join)
    return cast("T | None", merged)


def _merge_tuples(values: Sequence[Any], join: str) -> Any:
    if len({len(value) for value in values}) != 1:
        return None
    merged = []
    for items in zip(*values, strict=True):
        same = all(item == items[0] for item in items)
        merged.append(items[0] if same else merge(items, join))
        if not same and merged[-1] is None:
            return None
    return tuple(merged)


def _merge_dicts(values: Sequence[Any], join: str) -> Any:
    if any([*value] != [*values[0]] for value in values):
        return None
    merged = _merge_tuples([tuple(value.values()) for value in values], join)
    return None if merged is None else dict(zip(values[0], merged, strict=True))


def _merge_structs(values: Sequence[Any], join: str) -> Any:
    fields = {}
    for field in values[0].__struct_fields__:
        own = [getattr(value, field) for value in values]
        if all(value == own[0] for value in own):
            continue
        fields[field] = merge(own, join)
        if fields[field] is None:
            return None
    return msgspec.structs.replace(values[0], **fields)


def merge_rows(
    rows: Mapping[str, Sequence[T]],
    key: Callable[[T], Any],
    own: str = "",
) -> tuple[T, ...] | None:
    """Merge lists of rows by `key`; a row of only some targets names them in `only`.

    The text of the field `own` may differ: a merged row has that of each target. Return
    None if common rows differ in another field, or if too many rows are not the same.
    """
    found: dict[Any, dict[str, T]] = {}
    for name, its_rows in rows.items():
        for one in its_rows:
            found.setdefault(key(one), {})[name] = one
    out: list[T] = []
    flagged = 0
    for _, by_name in sorted(found.items(), key=lambda item: item[0]):
        row: Any = merge([*by_name.values()])
        if row is None and own:
            row = _with_own(by_name, own)
            flagged += 1
        if row is None:
            return None
        if len(by_name) < len(rows):
            flagged += 1
            row = msgspec.structs.replace(row, only=tuple(by_name))
        out.append(cast("T", row))
    return tuple(out) if flagged * _FLAGGED <= len(out) else None


def _with_own(rows: Mapping[str, Any], field: str) -> Any:
    """Merge rows that differ in one text, which names the targets then."""
    texts = [f"{name}: {getattr(row, field)}" for name, row in rows.items()]
    joined = "\n".join(texts)
    same = [msgspec.structs.replace(row, **{field: joined}) for row in rows.values()]
    return merge(same)


def parts(
    values: Mapping[str, T],
    merged: Callable[[Mapping[str, T]], T | None] | None = None,
    join: str = "/",
) -> tuple[Part[T], ...]:
    """Group the targets whose values can be merged, in their order."""
    merging = merged or (lambda own: merge([*own.values()], join))
    groups: list[tuple[dict[str, T], T]] = []
    for name, value in values.items():
        for number, (members, _) in enumerate(groups):
            both = {**members, name: value}
            made = merging(both)
            if made is not None:
                groups[number] = (both, made)
                break
        else:
            groups.append(({name: value}, value))
    return tuple(Part(tuple(members), made) for members, made in groups)


def merge_answers(answers: Mapping[str, Answer]) -> Answer | None:
    """Merge answers by their paragraphs, if any of them is the same.

    A paragraph that differs is there once for each target, which it names.
    """
    merged = merge([*answers.values()], " and ")
    own = [answer.text.splitlines() for answer in answers.values()]
    if merged is not None or len({len(paragraphs) for paragraphs in own}) != 1:
        return merged
    out: list[str] = []
    same = False
    for texts in zip(*own, strict=True):
        both = merge_texts(texts, " and ")
        same = same or both is not None
        named = [f"{name}: {text}" for name, text in zip(answers, texts, strict=True)]
        out += named if both is None else [both]
    steps = dict.fromkeys(step for answer in answers.values() for step in answer.steps)
    return Answer("\n".join(out), tuple(steps)) if same else None


def moments(
    by_target: Mapping[str, Sequence[tuple[str, Answer]]],
) -> Iterator[Moment]:
    """Merge the questions and answers of targets."""
    found: dict[str, dict[str, tuple[str, Answer]]] = {}
    for name, own in by_target.items():
        for question, answer in own:
            found.setdefault(neutral(question), {})[name] = (question, answer)
    for by_name in found.values():
        question = merge_texts([q for q, _ in by_name.values()], " and ") or ""
        answers = {name: answer for name, (_, answer) in by_name.items()}
        yield Moment(question, parts(answers, merge_answers))
