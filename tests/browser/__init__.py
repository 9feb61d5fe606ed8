"""The pages as people meet them: in a real browser, at three widths, light and dark, with and without JavaScript."""
