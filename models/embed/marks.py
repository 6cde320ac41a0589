"""Names shared by training and serving of the embedded sentence model."""

MODEL_ID = "model_id.txt"  # file that names the weights
REPLY_MARK = "<답>"  # stands before a text that is her reply, not a person's message
