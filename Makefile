# The doors: every command a person or a machine uses. The work is done by Meson and the scripts.
BUILD = build
RELEASE = build-release
DATA = demo-data
T =
S = 60
TSAN_UNIT = audit backup book db dispatch events idem integration job net observe outbox rebuild rule schedule vault

.PHONY: all deps run demo check tsan screenshots fault bench fmt lint fuzz release clean promise e2e-alga

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@tools/deps
	@meson setup $(BUILD) -Db_sanitize=address,undefined -Db_lundef=false >/dev/null

$(RELEASE)/build.ninja:
	@tools/deps
	@meson setup $(RELEASE) --buildtype=release -Db_lto=true >/dev/null

# The optimized program, without sanitizers.
release: $(RELEASE)/build.ninja
	@ninja -C $(RELEASE)

# An empty server on the embedded store; prints a one-time set-up link.
run: all
	@mkdir -p $(DATA)
	@exec $(BUILD)/trueup serve --data $(DATA)

# The main job on the simulators, step by step; stays up unless ONCE=1.
demo: all
	@exec node tools/demo/demo.mjs $(if $(ONCE),--once)

# Every test, exactly what CI runs. T=unit, fault, api or e2e runs one part.
check: all
	@tools/deps check
	@tools/layers
	@test/run $(if $(T),--only $(T)) $(BUILD)

# The longer runs: every fail point with every kind of failure, and more rounds of what check does in few.
fault: all $(RELEASE)/build.ninja
	@ninja -C $(RELEASE) trueup
	@TRUEUP_FAULT=all test/run --only fault $(BUILD)
	@TRUEUP_FAULT=all test/run --only long $(BUILD)

# The C tests of what runs in several threads at once, and all tests over HTTP, under ThreadSanitizer.
tsan:
	@tools/deps
	@test -f build-tsan/build.ninja || meson setup build-tsan -Db_sanitize=thread -Db_lundef=false >/dev/null
	@ninja -C build-tsan trueup trueup-sim $(patsubst %,test/unit/%_test,$(TSAN_UNIT))
	@test/tsan build-tsan $(TSAN_UNIT)

# docs/operate/promise.md, from the figures that check and fault left.
promise:
	@tools/promise $(wildcard $(BUILD)/results.jsonl build-tsan/results.jsonl)

# Every screen at two widths, in light and in dark, into build/screenshots.
screenshots: all
	@tools/deps check
	@node tools/screenshots.mjs

# The Alga connector against a real Alga: URL and KEY say where it runs; DIR starts a checkout that is set up.
e2e-alga: all
	@ALGA_URL=$(URL) ALGA_KEY=$(KEY) ALGA_DIR=$(DIR) node --test test/e2e/alga.mjs

# Figures as ratios against a baseline of the same run.
bench: release
	@test/bench/run $(RELEASE)

# Runs the fuzz targets, S seconds each; T=json runs one. New inputs stay in build-fuzz/found.
fuzz:
	@tools/deps fuzz
	@test -f build-fuzz/build.ninja || CC=clang meson setup build-fuzz -Dfuzz=true -Dwerror=false \
		-Db_sanitize=address,undefined -Db_lundef=false >/dev/null
	@ninja -C build-fuzz
	@test/fuzz/run build-fuzz $(S) $(T)

# Only lines that were changed since the last commit: tables that a person laid out stay as they are.
fmt:
	@git clang-format --quiet --extensions c,h HEAD || true

lint: all
	@tools/deps lint
	@tools/lint $(BUILD)

clean:
	@rm -rf $(BUILD) $(RELEASE)
