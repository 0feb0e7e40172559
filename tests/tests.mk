# The tests that need no virtual machine: how each is built, and which TAP programs there are. The top Makefile includes
# this, and hands the *_TESTS to tests/summary.
#
#   make unit fuzz cli lint     each kind by itself
#
# JOBS is how many compilers and test programs "check" runs at once: with one more the machines become so slow that what a program may
# wait for comes too late. They have one processor each, which needs a fifth less of the host's time when others boot beside it.
# FUZZ_SECONDS is what each fuzz harness gets at most; see tests/fuzz/fuzz.t.

JOBS ?= $(shell nproc)

TEST_UNIT := $(BUILD)/unit
TEST_FUZZ := $(BUILD)/fuzz

# Everything but the table of commands, which brings its own main().
TEST_SOURCES := $(filter-out early/main.c,$(SOURCES))
TEST_PREREQUISITES = Makefile tests/tests.mk $(TEST_ARCHIVES) $(GENERATED)

# Sanitizers, fuzzers and cmocka need the machine's own C library: the same libraries once more, for that.
TEST_LIBS := $(BUILD)/test-libs
TEST_ARCHIVES := $(addprefix $(TEST_LIBS)/,$(ARCHIVE_NAMES))
$(foreach name,$(LIBRARIES),$(eval $(call pinned_library,$(name),$(call first_archive,$(name)),$(TEST_LIBS),host)))
$(TEST_LIBS)/util-linux/lib/libuuid.a: $(TEST_LIBS)/util-linux/lib/libblkid.a ;
$(TEST_LIBS)/kmod/lib/libkmod.a: $(TEST_LIBS)/libzstd/lib/libzstd.a $(TEST_LIBS)/xz-utils/lib/liblzma.a
TEST_CPPFLAGS = $(COMMON_CPPFLAGS) $(LIBRARIES:%=-isystem $(TEST_LIBS)/%/include)

# The binary's own build has the warnings as errors; with sanitizers and without optimisation compilers see ghosts. Of the debugging
# information only the lines are wanted, for what sanitizers print; the unit tests take longer to compile than to run.
TEST_CFLAGS = -std=gnu11 $(filter-out -Werror -Wnull-dereference,$(WARNINGS)) -fno-common -g1 -fno-omit-frame-pointer -U_FORTIFY_SOURCE
# The pinned libraries are in pieces; what calls the pieces that are left out is not linked either.
TEST_LDFLAGS = -Wl,--gc-sections
UNIT_CFLAGS = $(TEST_CFLAGS) -O0 -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CC    ?= clang
FUZZ_CFLAGS = $(TEST_CFLAGS) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all

UNIT_SOURCES := $(sort $(shell find tests/unit -name 'test_*.c'))
UNIT_TESTS := $(addprefix $(TEST_UNIT)/,$(basename $(notdir $(UNIT_SOURCES))))
FUZZERS    := $(patsubst tests/fuzz/%.c,$(TEST_FUZZ)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_TESTS := tests/fuzz/fuzz.t
CLI_TESTS  := $(sort $(wildcard tests/cli/*.t))
LINT_TESTS := tests/lint.t
VM_TESTS   := $(sort $(wildcard tests/vm/*.t))
PACKAGE_TESTS := $(sort $(wildcard tests/package/*.t))
BENCH_TESTS := tests/bench/short.t
SLOW_TESTS := $(sort $(wildcard tests/vm/*.slow tests/package/*.slow tests/bench/*.slow))

.PHONY: unit-programs fuzz-programs
unit-programs: $(UNIT_TESTS)
fuzz-programs: $(FUZZERS)

# What has to stand before "make boot" and the tests: tests/run makes it, then what begins with run-. The systems that the tests of "check"
# boot are made beside the compiling: most of the time one of the two waits for the network or the disk. If a system cannot be made the
# tests say why.
.PHONY: built-boot built-check built-check-all built-check-matrix
CORE_CELLS := $(shell awk '$$3 == "core" { print $$1 "/" $$2 }' tests/vm/matrix.cells)
AS_ROOT := $(if $(filter 0,$(shell id -u)),yes)
CORE_ROOTS := $(if $(AS_ROOT),$(addprefix vm-root/,$(sort $(patsubst %/,%,$(dir $(CORE_CELLS))))))
CORE_SYSTEMS := $(if $(AS_ROOT),$(addprefix vm-system/,$(CORE_CELLS)))
.PHONY: $(CORE_ROOTS) $(CORE_SYSTEMS)
built-boot: vm-root/bookworm vm-system/bookworm/with
built-check built-check-all: $(CORE_ROOTS) deb all unit-programs fuzz-programs $(CORE_SYSTEMS)
built-check-matrix: all deb

$(CORE_ROOTS): vm-root/%:
	@BUILD="$(BUILD)" tests/vm/root.sh $* && echo "ROOT $*" || true

$(CORE_SYSTEMS): vm-system/%: deb
	@BUILD="$(BUILD)" tests/vm/system.sh $(subst /, ,$*) >/dev/null && echo "SYSTEM $*" || true

.PHONY: run-boot run-check run-check-all run-check-matrix
run-boot:
	@BUILD="$(BUILD)" tests/vm/demo.sh

run-check run-check-all:
	@$(LONGER) MUST_RUN=$(CI) JOBS=$(JOBS) SMP=1 $(SUMMARY) $(UNIT_TESTS) $(FUZZ_TESTS) $(CLI_TESTS) $(LINT_TESTS) $(PACKAGE_TESTS) $(BENCH_TESTS) $(VM_TESTS) $(MORE_TESTS)

run-check-all: LONGER = FUZZ_SECONDS=60 MATRIX=all ALL_BOOTS=yes TIMED=yes
run-check-all: MORE_TESTS = $(SLOW_TESTS)
# It measures times.

run-check-matrix:
	@MATRIX=all UPDATE=$(UPDATE) MUST_RUN=$(CI) $(SUMMARY) tests/vm/matrix.t

SUMMARY = BUILD="$(BUILD)" CC="$(CC)" tests/summary

.PHONY: bench-size
bench-size: $(BUILD)/gvt-early
	@tests/bench/bloat $(BUILD)/gvt-early.map

.PHONY: unit fuzz cli lint
unit: unit-programs
	@$(SUMMARY) $(UNIT_TESTS)

fuzz: fuzz-programs
	@$(SUMMARY) $(FUZZ_TESTS)

cli: $(BUILD)/gvt-early
	@$(MAKE) --no-print-directory deb
	@$(SUMMARY) $(CLI_TESTS)

# UPDATE=1 makes the figures the stored ones.
STORE = $(if $(UPDATE),perl -Itests/bench -MFigures -e 'Figures::store(@ARGV)' $(BUILD)/bench/result.json tests/bench/stored.json,:)
.PHONY: bench bench-check bench-initrd bench-boot
bench: $(BUILD)/gvt-early
	@mkdir -p $(BUILD)/bench
	@BUILD="$(BUILD)" tests/bench/bench --json $(BUILD)/bench/result.json
	@BUILD="$(BUILD)" tests/bench/scale --json $(BUILD)/bench/result.json
	@$(STORE)

bench-check: $(BUILD)/gvt-early
	@$(SUMMARY) tests/bench/stored.slow

COMPRESSED = floor/own,apply/own,floor/own-xz,apply/own-xz,apply/own-zst
bench-initrd: $(BUILD)/gvt-early
	@mkdir -p $(BUILD)/bench
	@BUILD="$(BUILD)" tests/bench/growth $(BUILD)/bench/result.json
	@BUILD="$(BUILD)" ALL_BOOTS=yes COST_JSON=$(BUILD)/bench/result.json tests/vm/cost.slow
	@BUILD="$(BUILD)" tests/bench/bench --root trixie --only $(COMPRESSED) --json $(BUILD)/bench/result.json
	@$(STORE)

bench-boot:
	@mkdir -p $(BUILD)/bench
	@BUILD="$(BUILD)" tests/bench/whole-boot --json $(BUILD)/bench/result.json
	@$(STORE)

# What runs while the package is built: without network, root, or the package.
.PHONY: unit-cli
unit-cli: $(BUILD)/gvt-early unit-programs
	@JOBS=$(JOBS) $(SUMMARY) $(UNIT_TESTS) $(filter-out tests/cli/deb.t,$(CLI_TESTS))

lint: $(ARCHIVES) $(GENERATED) man
	@$(SUMMARY) $(LINT_TESTS)

#
# Unit tests: gcc's sanitizers, linked dynamically, with the pinned libraries as they are
#

TEST_UNIT_OBJECTS := $(TEST_SOURCES:early/%.c=$(TEST_UNIT)/obj/%.o)

$(TEST_UNIT)/obj/%.o: early/%.c $(TEST_PREREQUISITES)
	@echo "CC   $@"
	$(call compile,$(CC) $(TEST_CPPFLAGS) $(CPPFLAGS) $(UNIT_CFLAGS))

$(TEST_UNIT)/libearly.a: $(TEST_UNIT_OBJECTS)
	@rm -f $@.new
	@$(AR) rcs $@.new $^
	@mv $@.new $@

# libkmod reads the host's own command line: test_modules gives it another, and an index that fails; and no module is loaded on this machine.
$(TEST_UNIT)/test_modules: UNIT_LDFLAGS = -Wl,--wrap=open,--wrap=open64,--wrap=fopen,--wrap=fopen64,--wrap=kmod_module_probe_insert_module
# The job loads no module of this machine, and makes no instance (fake_kernel.h).
$(addprefix $(TEST_UNIT)/,test_job_run test_job_instances): UNIT_LDFLAGS = \
	-Wl,--wrap=module_load,--wrap=module_policy_read,--wrap=instance_create,--wrap=instance_remove
$(TEST_UNIT)/test_job_vfs: UNIT_LDFLAGS = \
	-Wl,--wrap=vf_autoprobe,--wrap=vf_enable,--wrap=vf_bind,--wrap=sriov_set_profile,--wrap=module_policy_read,--wrap=module_has_parameter
$(TEST_UNIT)/test_job_modules: UNIT_LDFLAGS = -Wl,--wrap=module_load
# A driver that hangs when it is asked.
$(TEST_UNIT)/test_check_facts: UNIT_LDFLAGS = -Wl,--wrap=gpu_list_read
# A read that a signal ends, and a disk that takes nothing.
$(TEST_UNIT)/test_file: UNIT_LDFLAGS = -Wl,--wrap=read,--wrap=fsync
# A kernel without it.
$(TEST_UNIT)/test_child: UNIT_LDFLAGS = -Wl,--wrap=pidfd_open

# It compresses, which the pinned libraries cannot.
$(TEST_UNIT)/test_initrd_image: UNIT_LIBS = -lzstd -llzma

# It builds a file of the emulated machine's kernel modules as an ordinary program.
$(TEST_UNIT)/test_pool: UNIT_CPPFLAGS = -Itests/unit/kernel

# Linked as the binary is: what is checked there is musl and what stands beside it.
$(TEST_UNIT)/test_fortify: tests/unit/libs/test_fortify.c $(FORTIFIES) early/libs/no-unwind.ld $(ARCHIVES) $(TEST_PREREQUISITES)
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) $(EARLY_CPPFLAGS) $(CPPFLAGS) $(EARLY_CFLAGS) -c -o $@.o $<
	$(call link,$@.o)

vpath test_%.c $(sort $(dir $(UNIT_SOURCES)))
$(TEST_UNIT)/test_%: test_%.c $(TEST_UNIT)/libearly.a $(TEST_PREREQUISITES)
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(CC) -Itests/unit $(UNIT_CPPFLAGS) $(TEST_CPPFLAGS) $(CPPFLAGS) $(UNIT_CFLAGS) -MMD -MP -MF $@.dep.new -MT $@ $(TEST_LDFLAGS) $(UNIT_LDFLAGS) $(LDFLAGS) \
		-o $@.new $< $(TEST_UNIT)/libearly.a $(TEST_ARCHIVES) $(UNIT_LIBS) -lcmocka
	@mv $@.dep.new $@.dep && mv $@.new $@

#
# Fuzz harnesses: clang's libFuzzer
#

TEST_FUZZ_OBJECTS := $(TEST_SOURCES:early/%.c=$(TEST_FUZZ)/obj/%.o)

$(TEST_FUZZ)/obj/%.o: early/%.c $(TEST_PREREQUISITES)
	@echo "CC   $@"
	$(call compile,$(FUZZ_CC) $(TEST_CPPFLAGS) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link)

$(TEST_FUZZ)/libearly.a: $(TEST_FUZZ_OBJECTS)
	@rm -f $@.new
	@$(AR) rcs $@.new $^
	@mv $@.new $@

# In these nothing is left to a child (in_process.h).
$(TEST_FUZZ)/fuzz_report $(TEST_FUZZ)/fuzz_sysfs: FUZZ_LDFLAGS = -Wl,--wrap=child_run -Wl,--wrap=child_run_shared

$(TEST_FUZZ)/fuzz_%: tests/fuzz/fuzz_%.c $(TEST_FUZZ)/libearly.a $(TEST_PREREQUISITES)
	@mkdir -p $(@D)
	@echo "LINK $@"
	@$(FUZZ_CC) $(TEST_CPPFLAGS) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer -MMD -MP -MF $@.dep.new -MT $@ $(TEST_LDFLAGS) $(LDFLAGS) $(FUZZ_LDFLAGS) \
		-o $@.new $< $(TEST_FUZZ)/libearly.a $(TEST_ARCHIVES)
	@mv $@.dep.new $@.dep && mv $@.new $@

# The notes of what an older tree was built from name sources that have moved since: these are not missed.
tests/unit/%.c: ;
tests/fuzz/%.c: ;
%.dep: ;

-include $(TEST_UNIT_OBJECTS:.o=.d) $(TEST_FUZZ_OBJECTS:.o=.d) $(wildcard $(TEST_UNIT)/*.dep $(TEST_FUZZ)/*.dep)
