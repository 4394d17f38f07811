# SPDX-License-Identifier: MIT
# The short front door; CMakeLists.txt is the build description. Only run, test, oracle, bench, check, sanitize and
# format may install Debian packages that are missing, and they say so first; DEPS=no forbids it.
#
#   make            library and examples, into build/
#   make run        the event server on 127.0.0.1:8080 or the next free port, until Ctrl-C (PORT=n for another)
#   make test       all tests; under Wine as well where `make oracle` has been
#   make oracle     Wine and MinGW-w64, and the conformance tests and examples under Wine beside ours
#   make sanitize   the tests under ASan and UBSan, then under TSan
#   make check      static checks            make format     clang-format in place
#   make bench      against the peers        make clean
#                   (bench-full: all of it; ARGS='--conns 1 --sizes 64': of bench/compare)
#   make install PREFIX=/usr/local DESTDIR=  make uninstall  likewise
#
# Further: CC=clang WERROR=ON B=build-clang TESTFLAGS='-f conform/recv'

B         ?= build
PREFIX    ?= /usr/local
JOBS      ?= $(shell nproc 2>/dev/null || echo 1)
WERROR    ?= OFF
TESTFLAGS ?=

ifneq ($(origin CC),default)
export CC
endif

# CMake gets neither make's own flags nor its job server: it starts a make of its own.
ALONE = env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS
CONFIGURE = $(ALONE) tools/configure $(B) -DLAPWING_TESTS=ON -DLAPWING_WERROR=$(WERROR) $(CMAKEFLAGS)
BUILD = $(ALONE) cmake --build $(B) --parallel $(JOBS)
QUIET = --no-print-directory -s

ifeq ($(DEPS),no)
DEPS_FOR = @:
else
DEPS_FOR = @tools/deps
endif

all:
	@$(CONFIGURE)
	@$(BUILD) --target lapwing lapwing_static examples

run:
	$(DEPS_FOR) build
	@$(CONFIGURE)
	@$(BUILD) --target example-event-server
	@$(B)/examples/event-server $(PORT)

# The tests as programs, for here and, where MinGW-w64 is, for Wine.
build-tests:
	@$(CONFIGURE)
	@$(BUILD)
	@if [ -f $(B)/tests/wine/list ]; then $(BUILD) --target oracle; fi

test-deps:
	$(DEPS_FOR) build test

test: test-deps
	@$(MAKE) $(QUIET) build-tests
	@tests/run --build $(B) --jobs $(JOBS) --wine=auto $(TESTFLAGS)

oracle:
	$(DEPS_FOR) build test oracle
	@$(MAKE) $(QUIET) build-tests
	@tests/run --build $(B) --jobs $(JOBS) --wine=auto --kind conform --kind examples $(TESTFLAGS)

# Without the package tests: what they look at (headers, installation) is the same there as in the ordinary build.
sanitize: sanitize-asan sanitize-tsan
sanitize-asan: SANITIZERS = address,undefined
sanitize-tsan: SANITIZERS = thread
# The failure sweep is after leaks and lost completions; ThreadSanitizer would take ten minutes over it.
sanitize-tsan: WITHOUT = --without fault
sanitize-asan sanitize-tsan: sanitize-%: test-deps
	@$(MAKE) $(QUIET) build-tests B=build-$* CMAKEFLAGS='$(CMAKEFLAGS) -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 \
	    -DLAPWING_ORACLE=OFF -DLAPWING_SANITIZE=$(SANITIZERS)'
	@tests/run --build build-$* --jobs $(JOBS) --without package $(WITHOUT) --timeout-scale 4 $(TESTFLAGS)

check:
	$(DEPS_FOR) build check
	@$(MAKE) $(QUIET) all
	@tools/check $(B)

format:
	$(DEPS_FOR) check
	@tools/check-format --write

bench bench-full:
	$(DEPS_FOR) build bench oracle
	@$(MAKE) $(QUIET) all
	@$(MAKE) $(QUIET) -C bench LAPWING=$(abspath $(B)) ARGS='$(ARGS)' $(if $(filter bench-full,$@),full,run)

install:
	@$(CONFIGURE) -DCMAKE_INSTALL_PREFIX=$(abspath $(PREFIX))
	@$(BUILD) --target lapwing lapwing_static
	@DESTDIR=$(DESTDIR) cmake --install $(B)
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then ldconfig || true; fi
	@case $(PREFIX) in /usr | /usr/local) ;; \
	*) echo "pkg-config finds it with: export PKG_CONFIG_PATH=$$(dirname $$(tail -n 1 $(B)/install_manifest.txt))" ;; esac

uninstall:
	@$(CONFIGURE) -DCMAKE_INSTALL_PREFIX=$(abspath $(PREFIX))
	@$(BUILD) --target lapwing lapwing_static
	@tools/uninstall $(B) "$(DESTDIR)" $(abspath $(PREFIX))

clean:
	rm -rf build build-*/

.PHONY: all run build-tests test-deps test oracle sanitize sanitize-asan sanitize-tsan check format bench bench-full
.PHONY: install uninstall clean
.DEFAULT_GOAL := all
