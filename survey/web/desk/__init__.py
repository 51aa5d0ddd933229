"""The pages of staff: one file a page, all in one frame."""
