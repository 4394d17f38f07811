# SPDX-License-Identifier: MIT
# The short front door; CMakeLists.txt is the build description. Only run, test, oracle, bench, check, sanitize and format may
# install Debian packages that are missing, and they say so first; DEPS=no forbids it.
#
#   make            library and examples, into build/
#   make run        the event server on 127.0.0.1:8080 or the next free port, until Ctrl-C (PORT=n for another)
#   make test       all tests; under Wine as well where `make oracle` has been
#   make oracle     Wine and MinGW-w64, and the conformance tests and examples under Wine beside ours
#   make sanitize   the tests under ASan and UBSan, then under TSan
#   make check      static checks            make format     clang-format in place
#   make bench      against the peers        make clean
#   make install PREFIX=/usr/local DESTDIR=  make uninstall  likewise
#
# Further: CC=clang WERROR=ON B=build-clang TESTFLAGS='-f conform/recv'

B         ?= build
PREFIX    ?= /usr/local
JOBS      ?= $(shell nproc 2>/dev/null || echo 1)
WERROR    ?= OFF
TESTFLAGS ?=

ifneq ($(origin CC),default)
COMPILER = -DCMAKE_C_COMPILER=$(CC)
endif

# CMake gets neither make's own flags nor its job server: it starts a make of its own.
CMAKE = env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS cmake
CONFIGURE = mkdir -p $(B) && $(CMAKE) > $(B)/configure.log -S . -B $(B) -DLAPWING_WERROR=$(WERROR) $(COMPILER) $(CMAKEFLAGS)
BUILD = $(CMAKE) --build $(B) --parallel $(JOBS) --
QUIET = --no-print-directory -s

ifeq ($(DEPS),no)
DEPS_FOR = @:
else
DEPS_FOR = @tools/deps
endif

all:
	@$(CONFIGURE)
	@$(BUILD) $(QUIET)

run:
	$(DEPS_FOR) build
	@$(CONFIGURE)
	@$(BUILD) $(QUIET) example-event-server
	@$(B)/examples/event-server $(PORT)

# The tests as programs, for here and, where MinGW-w64 is, for Wine.
build-tests:
	@$(CONFIGURE) -DLAPWING_TESTS=ON
	@$(BUILD) $(QUIET)
	@if [ -f $(B)/tests/wine/list ]; then $(BUILD) $(QUIET) oracle; fi

test-deps:
	$(DEPS_FOR) build test

test: test-deps
	@$(MAKE) $(QUIET) build-tests
	@tests/run --build $(B) --jobs $(JOBS) --wine=auto $(TESTFLAGS)

oracle:
	$(DEPS_FOR) build test oracle
	@$(MAKE) $(QUIET) build-tests
	@tests/run --build $(B) --jobs $(JOBS) --wine=auto --kind conform --kind examples $(TESTFLAGS)

sanitize: sanitize-address sanitize-thread

# What the package tests look at (headers, installation) is the same there as in the ordinary build.
sanitize-%: test-deps
	@$(MAKE) $(QUIET) all B=build-$* CMAKEFLAGS='$(CMAKEFLAGS) -DLAPWING_TESTS=ON -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 \
	    -DLAPWING_SANITIZE=$(if $(filter thread,$*),thread,address$(comma)undefined)'
	@tests/run --build build-$* --jobs $(JOBS) --without package --timeout-scale 4 $(TESTFLAGS)

comma := ,

check:
	$(DEPS_FOR) build check
	@$(MAKE) $(QUIET) all
	@tools/check $(B)

format:
	$(DEPS_FOR) check
	@tools/check-format --write

bench:
	$(DEPS_FOR) build bench
	@$(MAKE) $(QUIET) all
	@$(MAKE) $(QUIET) -C bench LAPWING=$(abspath $(B)) $(BENCHFLAGS) run

install:
	@$(CONFIGURE) -DCMAKE_INSTALL_PREFIX=$(abspath $(PREFIX))
	@$(BUILD) $(QUIET)
	@DESTDIR=$(DESTDIR) $(CMAKE) --install $(B)
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then ldconfig || true; fi

uninstall:
	@$(CONFIGURE) -DCMAKE_INSTALL_PREFIX=$(abspath $(PREFIX))
	@tools/uninstall $(B) "$(DESTDIR)"

clean:
	rm -rf build build-*/

.PHONY: all run test oracle sanitize check format bench install uninstall clean build-tests test-deps
.DEFAULT_GOAL := all
