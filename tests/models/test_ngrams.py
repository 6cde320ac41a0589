"""Our TF-IDF against scikit-learn's: the same numbers, on any text."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from models.text.ngrams import CharTfidf

# scikit-learn folds case, which may make two letters of one; the corpus is folded before.
LETTERS = st.characters(exclude_categories=["Cs"]).filter(lambda c: c == c.lower())
TEXTS = st.lists(
    st.text(st.one_of(st.sampled_from("가나다라 ab ?!🙂\n\t"), LETTERS), max_size=20), min_size=1, max_size=8
)


def theirs(texts: list[str], asked: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Likeness among the texts, and of those asked to them."""
    reference = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, dtype=np.float32)
    known = reference.fit_transform(texts)
    return (known @ known.T).toarray(), (reference.transform(asked) @ known.T).toarray()


@given(texts=TEXTS, asked=TEXTS)
def test_the_same_likeness_as_scikit_learn(texts: list[str], asked: list[str]) -> None:
    texts = [*texts, "하나"]  # theirs refuses a corpus without a word
    mine = CharTfidf(texts)
    among, to = theirs(texts, asked)
    np.testing.assert_allclose((mine.texts @ mine.texts.T).toarray(), among, atol=1e-5)
    np.testing.assert_allclose((mine.transform(asked) @ mine.texts.T).toarray(), to, atol=1e-5)


def test_letters_never_seen_count_for_nothing() -> None:
    mine = CharTfidf(["안녕", "잘 자"])
    (spaces_only,) = mine.transform(["zq"]).toarray()
    assert np.count_nonzero(spaces_only) == 1
    assert mine.transform([""]).nnz == 0
