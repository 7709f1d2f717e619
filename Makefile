# The doors: every command a person or a machine uses. The work is done by Meson and the scripts.
BUILD = build
T =

.PHONY: all setup deps demo run check bench fmt lint clean

all: setup
	@ninja -C $(BUILD)

setup: deps
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) -Db_sanitize=address,undefined -Db_lundef=false >/dev/null

deps:
	@tools/deps
