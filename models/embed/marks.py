"""Names shared by training and serving of sentence models."""

from pathlib import Path

MODEL_ID = "model_id.txt"  # file that names the weights
REPLY_MARK = "<답>"  # stands before a text that is her reply, not a person's message


def read_model_id(folder: Path) -> str:
    """The name of the weights in a folder, '' where there is none."""
    try:
        return (folder / MODEL_ID).read_text().strip()
    except OSError:
        return ""
