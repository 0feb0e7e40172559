// SPDX-License-Identifier: GPL-2.0-or-later
// "check": the requirements of a vGPU, in the order in which they build on each other, and what is wrong with each.
// Pure; what the plan judges is judged as there (host_rules.h).
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "base/util.h"
#include "decide/check/check_fix.h"
#include "decide/plan.h"
#include "decide/setup/word_change.h"
#include "decide/sriov/gpu_way.h"
#include "read/check_facts.h"

enum requirement {
	CHECK_SOURCES, // what is wanted
	CHECK_BOOT,    // this boot is ours
	CHECK_KERNEL,
	CHECK_GPU,
	CHECK_FREE,  // nobody else has the GPU
	CHECK_VTD,   // in the firmware
	CHECK_IOMMU, // in the kernel
	CHECK_KVM,
	CHECK_SRIOV, // a GPU that SR-IOV splits, and its driver
	CHECK_VFS,   // the virtual functions that are wanted
	CHECK_I915,
	CHECK_DRIVER, // it answers
	CHECK_KVMGT,
	CHECK_TYPES,
	CHECK_ROOM, // for what is wanted
	CHECK_INSTANCES,
	CHECK_GUESTS,
	CHECK_INITRD,
	CHECK_MDEVCTL,
	CHECK_NEXT_KERNEL, // these are of the next boot, and looked at only when that is asked for
	CHECK_NEXT_INITRD,
	CHECK_NEXT_ESP,
	CHECK_NEXT_CMDLINE,
	CHECKS,
};

// CHECK_UNKNOWN is what could not be looked at, though it should have been; CHECK_SKIPPED what needs something that has
// failed, or that is not due yet.
enum check_status { CHECK_IS_OK, CHECK_HINT, CHECK_WARNING, CHECK_UNKNOWN, CHECK_FAILED, CHECK_SKIPPED };

// "ok", "hint", "warning", "unknown", "failed" or "skipped".
const char *check_status_name(enum check_status status);

// The order in which findings are told, and in which the verdict names them: the gravest first; of these what keeps
// every vGPU from being there (a mistake in the configuration may hide any of them), then what keeps a single one from
// it, then what keeps guests from starting with one that is there, then what concerns later boots or other programs
// alone; of these by the order of the requirements, which build on each other. So the first that has failed is the one
// to mend first. What is ok or was not looked at comes last, in the order of the requirements.
enum check_weight { KEEPS_ALL, KEEPS_ONE, KEEPS_GUESTS, KEEPS_NOTHING, CHECK_WEIGHTS };

struct check_item {
	const char *name; // stable; NULL for what is not to be looked at in this run
	enum check_status status;
	enum requirement lacks; // what it needs and has not, where that is why it is skipped; else CHECKS
	struct finding
		said; // what was seen where it is ok, why it was not looked at where it is skipped; without a name
	struct finding *findings; // what is wrong; a SEVERITY_HINT is a hint
	size_t count;
};

struct check {
	struct check_item items[CHECKS];
	enum requirement order[CHECKS]; // in which they are told
	enum check_status verdict;      // the worst, never CHECK_SKIPPED
	int error;                      // -ENOMEM, or 0
};

// Judges all requirements, or where facts->next is read those of the next boot. Returns a negative errno only when out
// of memory; check_free() then too.
MUST_CHECK int check_make(struct check *check, const struct facts *facts);
void check_free(struct check *check);

// The finding that is told first: the one to mend first. NULL when there is none.
const struct finding *check_first(const struct check *check);

// The first finding that has failed of those that keep every vGPU from being made, mistakes in the configuration apart;
// NULL when there is none. able: the plan has all that it needs, so what "gvt-early apply" loads by itself is not in
// the way.
const struct finding *check_stop(const struct check *check, bool able);
// Likewise of those that keep a single wanted vGPU from being made.
const struct finding *check_single(const struct check *check);

// The names of all findings as grave as the verdict, each once, in the order of check_weight, or where something could
// not be looked at the names of what. They live as long as the check. Returns how many.
#define CHECK_NAMES_MAX 128
size_t check_causes(const struct check *check, const char *ret_names[static CHECK_NAMES_MAX]);

//
// For those who judge one requirement each (check_*.c)
//

// All is well, and what was seen. Returns what values are added to; it counts only where nothing is found. As the two
// below.
struct finding *check_is_ok(struct check *check, enum requirement requirement, enum cause cause);
// It is not due yet, or needs something that has failed: why.
struct finding *check_is_skipped(struct check *check, enum requirement requirement, enum cause cause);
// It should have been looked at, and could not be: why. What has a fix is a finding of that severity instead.
struct finding *check_is_unknown(struct check *check, enum requirement requirement, enum cause cause);

// Something is wrong, or cannot be known: begins the finding, for values and steps to be added; the severity goes by
// the name.
void check_begin(struct finding *finding, const char *name, enum cause cause);
// Adds it to a requirement, by the severity of its name; also what the plan has found.
void check_take(struct check *check, enum requirement requirement, struct finding *finding);
// The same, but a hint, whatever the name's usual severity: nothing is wrong with this host for it.
void check_take_hint(struct check *check, enum requirement requirement, struct finding *finding);

// Whether the host meets what the plan asks of it; else *ret_leave says why not.
MUST_CHECK bool check_meets(const struct facts *facts, enum host_requirement requirement, struct finding *ret_leave);

// Whether an instance for which there is room is not there because the GPU's memory is in pieces: then VALUE_SAID of
// the finding is what says so.
bool check_is_fragmented(const struct facts *facts, const struct wanted *wanted, struct finding *finding);

// Whether modprobe.d may say what is not known, as part of it cannot be read: then that is told as unknown.
bool check_modprobe_unread(struct check *check, enum requirement requirement, const struct facts *facts);

// Whether the host's GPU can be split by SR-IOV alone: then nothing of GVT-g is looked at.
bool check_is_sriov(const struct facts *facts);
// How many virtual functions are wanted.
unsigned check_count_vfs(struct check *check, const struct facts *facts);
// Adds to a finding of why no VFs can be had how that is mended, where it is known here.
void check_fix_sriov(const struct facts *facts, struct finding *leave);
// Whether any vGPU is wanted, virtual functions included.
bool check_wants_any(const struct facts *facts);
// Which way the GPU of an SR-IOV host can be split by the kernel of an entry that may boot next. False when out of
// memory. The finding's word is of no use afterwards.
MUST_CHECK bool check_next_way(struct gpu_way *ret, const struct facts *facts, const struct boot_entry *entry);
// What is wrong with the initrd of such a kernel, and how that is mended; CAUSE_NONE when nothing is. module: the
// driver that should be in it.
enum cause check_next_sriov_initrd(const struct next_boot_kernel *kernel, const struct gpu_way *way,
				   const struct gpu *gpu, const char **ret_module, const char **ret_file);
// How the firmware that a driver lacks gets onto the host, and into the initrd of a kernel, or of all when release is
// NULL. From Proxmox VE's own package, or Debian's; packed: it is there, and has to be decompressed.
void check_fix_firmware(const struct facts *facts, bool packed, struct finding *leave, const char *release);
// Likewise of how a GPU becomes free of what has it.
void check_fix_taken(const struct facts *facts, struct finding *leave);
// Adds to a finding what the driver of a GPU is not told, and that "setup" writes it.
void check_add_driver_words(struct finding *finding, const struct gpu *gpu, const struct gpu_way *way,
			    const struct word_change *changes, size_t count);
// Tells of guests that would have to share a virtual function.
void check_vf_clashes(struct check *check, const struct facts *facts);
// Whether virtual functions are looked at.
bool check_looks_at_vfs(const struct facts *facts);

//
// A boot to come (check_later.c)
//

// The host as a boot with that kernel command line will find it: nothing is loaded, bound or made yet. kernel: NULL for
// the one that runs. *later borrows all that it points to, and is not to be freed.
void check_take_later(struct facts *later, const struct facts *facts, const struct next_boot_kernel *kernel,
		      const struct cmdline *words);
// Whether gvt-early is in the initrd of such a boot, as far as this host's programs can put it in; then it loads the
// drivers, with what they have to be told.
bool check_boots_early(const struct facts *facts, const struct next_boot_kernel *kernel);
// Goes on, from *at, to the next requirement for which gvt-early leaves i915 alone in that boot, and why; false when
// there is none.
MUST_CHECK bool check_forbids(const struct facts *later, enum host_requirement *at, struct finding *ret_leave);

//
// The kernel command line (check_cmdline.c)
//

// Whether the word stands in a bootloader's file and yet not on that kernel command line; then what is wrong, such as
// "VAR=x stands in FILE:LINE, but ...", and what mends it, as a finding of the name as.
bool check_find_lost(struct check *check, const struct fix_of *of, const char *name, const char *value, const char *as,
		     struct finding *ret);
// Whether something like the word stands on that kernel command line or in a bootloader's file, likewise.
bool check_find_miss(struct check *check, const struct fix_of *of, const char *name, const char *value, const char *as,
		     struct finding *ret);
// Of the running boot: the first of these as the finding cmdline-not-active. False when it is not so.
bool check_not_active(struct check *check, enum requirement requirement, const struct facts *facts, const char *name,
		      const char *value);
// Why the bootloader's files may say more than is known, as the value "unsure": "that can be read (...)".
void check_add_unsure(const struct facts *facts, struct finding *finding);

// The names in lists of modules that a kernel does not have.
void check_obsolete(struct check *check, enum requirement requirement, const char *release,
		    const struct obsolete *items, size_t count);
// A line of such a list with several words.
void check_crowded(struct check *check, enum requirement requirement, const struct crowded_line *line);
// The kernels whose GVT-g is known to be broken, by their source's version.
bool check_is_known_bad(const char *version);

void check_sources(struct check *check, const struct facts *facts);
void check_boot(struct check *check, const struct facts *facts);
void check_kernel(struct check *check, const struct facts *facts);
void check_gpu(struct check *check, const struct facts *facts);
void check_free_gpu(struct check *check, const struct facts *facts);
void check_vtd(struct check *check, const struct facts *facts);
void check_iommu(struct check *check, const struct facts *facts);
void check_kvm(struct check *check, const struct facts *facts);
void check_sriov(struct check *check, const struct facts *facts);
void check_vfs(struct check *check, const struct facts *facts);
void check_i915(struct check *check, const struct facts *facts);
void check_driver(struct check *check, const struct facts *facts);
void check_kvmgt(struct check *check, const struct facts *facts);
void check_types(struct check *check, const struct facts *facts);
void check_room(struct check *check, const struct facts *facts);
void check_instances(struct check *check, const struct facts *facts);
void check_guests(struct check *check, const struct facts *facts);
void check_initrd(struct check *check, const struct facts *facts);
void check_mdevctl(struct check *check, const struct facts *facts);
void check_next_kernel(struct check *check, const struct facts *facts);
void check_next_initrd(struct check *check, const struct facts *facts);
void check_next_esp(struct check *check, const struct facts *facts);
void check_next_cmdline(struct check *check, const struct facts *facts);
// CHECK_FREE, CHECK_I915 or CHECK_ROOM, as the next boot will find the host.
void check_next_later(struct check *check, enum requirement requirement, const struct facts *facts);
