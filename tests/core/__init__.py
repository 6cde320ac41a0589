"""The core, alone and with fakes of its ports."""
