"""The pages of the first start: served until the office is there, and by nothing afterwards."""
